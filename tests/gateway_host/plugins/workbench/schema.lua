local typedefs = require "kong.db.schema.typedefs"

return {
  name = "workbench",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = { type = "record", fields = { { tag = { type = "string", default = "none" } } } } },
  },
}
