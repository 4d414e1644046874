-- Collects all garbage of the worker that answers, and tells what is left of its Lua heap.
local cjson = require "cjson.safe"

local Collector = { PRIORITY = 500, VERSION = "1.0.0" }

function Collector:access()
  -- twice: what the first finds with a finaliser goes in the second
  collectgarbage()
  collectgarbage()
  return kong.response.exit(200, cjson.encode({ heap_kb = collectgarbage("count") }))
end

return Collector
