-- Name-based UUIDs (version 5), so that an entity keeps its id over restarts, with Kong's namespaces.

local ENTITIES = "fd02801f-0957-4a15-a55a-c8d9606f30b5"


local uuid = {}


local function v5(namespace, name)
  local namespace_bytes = namespace:gsub("-", ""):gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)
  local bytes = { ngx.sha1_bin(namespace_bytes .. name):byte(1, 16) }
  bytes[7] = bit.bor(bit.band(bytes[7], 0x0f), 0x50)
  bytes[9] = bit.bor(bit.band(bytes[9], 0x3f), 0x80)
  return string.format("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", unpack(bytes))
end


-- The id of an entity: `uuid.of("services", "llm")`.
function uuid.of(entity, key)
  return v5(v5(ENTITIES, entity), key)
end


function uuid.is_valid(text)
  return type(text) == "string" and text:find("^%x+%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+$") ~= nil and #text == 36
end


return uuid
