local typedefs = require "kong.db.schema.typedefs"

return {
  name = "hand-back",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = { { way = { type = "string", required = true, one_of = { "string", "memory" } } } },
    } },
  },
}
