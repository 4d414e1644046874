-- JSON for the Admin API: keys in a stable order, and empty lists stay lists (`json.array`), which Debian's cjson
-- cannot express.

local cjson = require "cjson.safe"


local json = { null = ngx.null }

local ARRAY = {}


-- Marks a list, so that it is written as `[]` also when it is empty.
function json.array(list)
  return setmetatable(list, ARRAY)
end


local encode


local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then
      return a < b
    end
    return tostring(a) < tostring(b)
  end)
  return keys
end
json.sorted_keys = sorted_keys


local function list_length(value)
  if getmetatable(value) == ARRAY then
    return #value
  end

  local length = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return nil
    end
    length = math.max(length, key)
  end
  return length > 0 and length or nil
end


local function encode_table(value)
  local parts = {}
  local length = list_length(value)
  if length then
    for i = 1, length do
      parts[i] = value[i] == nil and "null" or encode(value[i])
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end

  for _, key in ipairs(sorted_keys(value)) do
    parts[#parts + 1] = cjson.encode(tostring(key)) .. ":" .. encode(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end


function encode(value)
  if type(value) == "table" then
    return encode_table(value)
  end
  return assert(cjson.encode(value))
end


json.encode = encode
json.decode = cjson.decode


return json
