-- Text of a declarative configuration (YAML or JSON) to a Lua table; YAML's and JSON's null become `ngx.null`.

local json = require "gateway_host.json"
local lyaml = require "lyaml"


local parse = {}


local function normalized(value)
  if value == lyaml.null then
    return ngx.null
  end
  if type(value) ~= "table" then
    return value
  end

  local copied = {}
  for key, item in pairs(value) do
    copied[key] = normalized(item)
  end
  return copied
end


-- The table, or nil and Kong's message.
function parse.text(text)
  local decoded = json.decode(text)
  if type(decoded) == "table" then
    return decoded
  end

  local ok, loaded = pcall(lyaml.load, text)
  if not ok then
    return nil, "failed parsing declarative configuration: " .. tostring(loaded)
  end
  if type(loaded) ~= "table" then
    return nil, "failed parsing declarative configuration: expected an object"
  end
  return normalized(loaded)
end


return parse
