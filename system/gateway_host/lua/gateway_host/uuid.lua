-- Ids: name-based (version 5, with Kong's namespaces), so that an entity keeps its id over restarts, and random ones.

local ENTITIES = "fd02801f-0957-4a15-a55a-c8d9606f30b5"


local uuid = {}


-- Sixteen bytes as text, marked with a version (in the upper half of its byte).
local function formatted(bytes, version)
  bytes[7] = bit.bor(bit.band(bytes[7], 0x0f), version)
  bytes[9] = bit.bor(bit.band(bytes[9], 0x3f), 0x80)
  return string.format("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", unpack(bytes))
end


local function v5(namespace, name)
  local namespace_bytes = namespace:gsub("-", ""):gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)
  return formatted({ ngx.sha1_bin(namespace_bytes .. name):byte(1, 16) }, 0x50)
end


-- The id of an entity: `uuid.of("services", "llm")`.
function uuid.of(entity, key)
  return v5(v5(ENTITIES, entity), key)
end


-- A random id (version 4).
function uuid.random()
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = { random:read(16):byte(1, 16) }
  random:close()
  return formatted(bytes, 0x40)
end


function uuid.is_valid(text)
  return type(text) == "string" and text:find("^%x+%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+$") ~= nil and #text == 36
end


return uuid
