-- One field of each kind that plugins use.
local typedefs = require "kong.db.schema.typedefs"

return {
  name = "typed",
  fields = {
    { consumer = typedefs.no_consumer },
    { config = { type = "record", fields = {
      { flag = { type = "boolean", required = true, default = true } },
      { count = { type = "integer", gt = 0 } },
      { share = { type = "number", between = { 0, 1 } } },
      { word = { type = "string", one_of = { "a", "b" } } },
      { code = { type = "string", match = "^%d+$" } },
      { short = { type = "string", len_max = 3 } },
      { list = { type = "array", elements = { type = "integer" } } },
      { set = { type = "set", elements = { type = "string" } } },
      { map = { type = "map", keys = { type = "string" }, values = { type = "number" } } },
      { host = typedefs.host() },
      { sni = typedefs.sni() },
      { port = typedefs.port({ default = 80 }) },
      { timeout = typedefs.timeout() },
      { secret = { type = "string", encrypted = true, referenceable = true } },
      { needed = { type = "record", required = true, fields = { { depth = { type = "integer", default = 3 } } } } },
    } } },
  },
}
