-- DNS messages (RFC 1035), as much as is needed to ask for addresses.

local message = {}


message.TYPE_A = 1
message.TYPE_AAAA = 28
message.NAME_ERROR = 3


local function u16(data, at)
  local high, low = data:byte(at, at + 1)
  return high * 256 + low
end


-- The query for one name and type.
function message.query(id, name, record_type)
  local labels = {}
  for label in name:gmatch("[^.]+") do
    labels[#labels + 1] = string.char(#label) .. label
  end
  local function two_bytes(number)
    return string.char(math.floor(number / 256), number % 256)
  end
  return two_bytes(id) .. "\1\0" .. two_bytes(1) .. "\0\0\0\0\0\0"
         .. table.concat(labels) .. "\0" .. two_bytes(record_type) .. two_bytes(1)
end


local function skip_name(data, at)
  while true do
    local length = data:byte(at)
    if length == 0 then
      return at + 1
    end
    if length >= 192 then
      return at + 2
    end
    at = at + 1 + length
  end
end


local function address(data, at, record_type)
  if record_type == message.TYPE_A then
    return table.concat({ data:byte(at, at + 3) }, ".")
  end

  local groups = {}
  for i = 0, 7 do
    groups[#groups + 1] = string.format("%x", u16(data, at + 2 * i))
  end
  return "[" .. table.concat(groups, ":") .. "]"
end


local function read_answers(data, record_type)
  local at = 13
  for _ = 1, u16(data, 5) do
    at = skip_name(data, at) + 4
  end

  local addresses, ttl_s = {}, nil
  for _ = 1, u16(data, 7) do
    at = skip_name(data, at)
    local answer_type, length = u16(data, at), u16(data, at + 8)
    if answer_type == record_type then
      addresses[#addresses + 1] = address(data, at + 10, record_type)
      local record_ttl_s = u16(data, at + 4) * 65536 + u16(data, at + 6)
      ttl_s = math.min(ttl_s or record_ttl_s, record_ttl_s)
    end
    at = at + 10 + length
  end
  return addresses, ttl_s
end


-- The answer to query `id`: its code, addresses and smallest TTL (seconds); nil when it is not an answer to it.
function message.answer(data, id, record_type)
  if #data < 12 or u16(data, 1) ~= id then
    return nil
  end

  local ok, addresses, ttl_s = pcall(read_answers, data, record_type)
  if not ok then
    return nil
  end
  return data:byte(4) % 16, addresses, ttl_s
end


return message
