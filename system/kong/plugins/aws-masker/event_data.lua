-- What the data of a server-sent event says, if the event is one of the Messages API that restoring must
-- know. Offsets are from 0.
local ffi = require "ffi"
local lexer = require "kong.plugins.aws-masker.json_lexer"


local ffi_string = ffi.string
local find = string.find
local gsub = string.gsub
local match = string.match
local rep = string.rep
local sub = string.sub


-- Where the first key of the data stands, if the event is one of the API.
local HEAD_SIZE_MAX = 1024

local NAMES = {
  message_start = true,
  content_block_start = true,
  content_block_delta = true,
  content_block_stop = true,
  message_delta = true,
  message_stop = true,
  ping = true,
  error = true,
}

-- How nearly all events begin
local USUAL_HEAD = 'event: content_block_delta\ndata: {"type":"'

-- First keys of the data, in any order of its members
local KEYS = {
  type = true,
  index = true,
  delta = true,
  content_block = true,
  message = true,
  usage = true,
  context_management = true,
  error = true,
  request_id = true,
}

-- Strings of a delta or a content block that are looked at
local TEXTS = { text = true, partial_json = true }

local INDEX_SIZE_MAX = 16

-- How the API writes its deltas: up to the index, and from there to the text
local USUAL_START = USUAL_HEAD .. 'content_block_delta","index":'
local USUAL_DELTAS = {
  { type = "text_delta", member = "text", head = ',"delta":{"type":"text_delta","text":"' },
  { type = "input_json_delta", member = "partial_json", head = ',"delta":{"type":"input_json_delta","partial_json":"' },
}

local bytes_t = ffi.typeof("const uint8_t *")


-- Offset behind the array or object at `i`, or nil
local function skip_container(p, i)
  local depth = 0
  repeat
    local character = p[i]
    i = i + 1
    if character == 0x22 then
      local last = lexer.scan_string(p, i)
      if not last then
        return nil
      end
      i = last + 1
    elseif character == 0x7B or character == 0x5B then -- { [
      depth = depth + 1
    elseif character == 0x7D or character == 0x5D then
      depth = depth - 1
    elseif character == 0 then -- the end
      return nil
    end
  until depth == 0
  return i
end


-- Offset behind the value at `i`, or nil
local function skip_value(p, i)
  local character = p[i]
  if character == 0x22 then
    local last = lexer.scan_string(p, i + 1)
    return last and last + 1
  elseif character == 0x7B or character == 0x5B then
    return skip_container(p, i)
  elseif character == 0x2D or (character >= 0x30 and character <= 0x39) then
    return lexer.skip_number(p, i)
  end
  return lexer.skip_literal(p, i)
end


-- Reads the object at `i`; `note(into, key, p, first, behind)` gets each of its members.
-- @treturn number|nil offset behind
local function read_object(p, i, note, into)
  i = lexer.skip_whitespace(p, i + 1)
  if p[i] == 0x7D then
    return i + 1
  end

  while true do
    if p[i] ~= 0x22 then
      return nil
    end
    local last, flags = lexer.scan_string(p, i + 1)
    if not last or flags ~= 0 then
      return nil -- no text, or a key that a parser reads in another way
    end
    local key = ffi_string(p + i + 1, last - i - 1)
    i = lexer.skip_whitespace(p, last + 1)
    if p[i] ~= 0x3A then
      return nil
    end
    i = lexer.skip_whitespace(p, i + 1)
    local behind = skip_value(p, i)
    if not behind or not note(into, key, p, i, behind) then
      return nil
    end

    i = lexer.skip_whitespace(p, behind)
    if p[i] == 0x7D then
      return i + 1
    elseif p[i] ~= 0x2C then
      return nil
    end
    i = lexer.skip_whitespace(p, i + 1)
  end
end


local function string_at(p, first, behind)
  return p[first] == 0x22 and ffi_string(p + first + 1, behind - first - 2) or nil
end


-- False when a member stands there twice: parsers differ in which they take.
local function note_part(part, key, p, first, behind)
  if key == "type" then
    if part.type then
      return false
    end
    part.type = string_at(p, first, behind)

  elseif TEXTS[key] then
    if part[key] then
      return false
    end
    part[key] = p[first] == 0x22 and { first = first + 1, last = behind - 1 } or nil
  end
  return true
end


local function note_data(data, key, p, first, behind)
  if key == "type" then
    if data.type then
      return false
    end
    data.type = string_at(p, first, behind)

  elseif key == "index" then
    if data.index then
      return false
    end
    if p[first] ~= 0x22 and behind - first <= INDEX_SIZE_MAX then
      data.index = ffi_string(p + first, behind - first)
    end

  elseif (key == "delta" or key == "content_block") and p[first] == 0x7B then
    if data.part then
      return false
    end
    data.part = {}
    return read_object(p, first, note_part, data.part) ~= nil
  end
  return true
end


-- The event with every byte that is not data as white space of JSON. A line end stays one, so that no
-- string goes over it.
local function bare_data(event)
  return (gsub(event, "[^\r\n]+", function(line)
    local behind = match(line, "^data: ?()")
    if behind then
      return rep(" ", behind - 1) .. sub(line, behind)
    end
    return rep(" ", #line)
  end))
end


-- Offsets of the only line of data: its first byte, and behind it. Nil when there are more.
local function only_line(event)
  local found, found_last
  local pos = 1
  while true do
    local first, last = find(event, "[^\r\n]+", pos)
    if not first then
      return found, found_last
    end
    local value = match(event, "^data:()", first)
    if value then
      if found then
        return nil
      end
      found, found_last = value - 1, last
    end
    pos = last + 1
  end
end


local _M = {}


-- Whether the event is another than those of the API, by its beginning.
-- @tparam string head of the event, or all of it
-- @treturn boolean|nil nil: what has come does not say it
function _M.is_foreign(head)
  if sub(head, 1, #USUAL_HEAD) == USUAL_HEAD then
    return false
  end
  if head == sub(USUAL_HEAD, 1, #head) then
    return nil
  end

  head = sub(head, 1, HEAD_SIZE_MAX)
  local pos = 1
  while true do
    local first, last = find(head, "[^\r\n]+", pos)
    if not first then
      return #head == HEAD_SIZE_MAX or nil
    end

    local is_whole = last < #head
    local value = match(head, "^data:[ \t]*([^\r\n]*)", first)
    if value then
      local key = match(value, '^{[ \t]*"([^"]*)"')
      if key then
        return not KEYS[key]
      end
      if is_whole then
        -- A line with more behind the bracket has the key.
        return not find(value, "^{?[ \t]*$")
      end
      if not find(value, '^{[ \t]*"?[a-z_]*$') and value ~= "" then
        return true
      end

    elseif is_whole then
      local name = match(head, "^event: ?([^\r\n]*)", first)
      if name and not NAMES[name] then
        return true
      end
    end
    pos = last + 1
  end
end


-- Reads a delta in the form in which the API writes it. Arguments and result as those of `read`.
local function read_usual(event)
  if sub(event, 1, #USUAL_START) ~= USUAL_START then
    return nil
  end

  local p = ffi.cast(bytes_t, event)
  local i = #USUAL_START
  while p[i] >= 0x30 and p[i] <= 0x39 do
    i = i + 1
  end
  local index = sub(event, #USUAL_START + 1, i)
  if index == "" or #index > INDEX_SIZE_MAX or (#index > 1 and p[#USUAL_START] == 0x30) then
    return nil
  end

  for n = 1, #USUAL_DELTAS do
    local usual = USUAL_DELTAS[n]
    local head = usual.head
    if sub(event, i + 1, i + #head) == head then
      local first = i + #head
      local last = lexer.scan_string(p, first)
      if not last then
        return nil
      end
      i = last + 1
      for _ = 1, 2 do
        i = lexer.skip_whitespace(p, i)
        if p[i] ~= 0x7D then
          return nil
        end
        i = i + 1
      end
      while p[i] == 0x20 do
        i = i + 1
      end
      if p[i] ~= 0x0A or p[i + 1] ~= 0x0A or i + 2 ~= #event then
        return nil
      end
      return {
        type = "content_block_delta",
        index = index,
        part = { type = usual.type, [usual.member] = { first = first, last = last } },
      }
    end
  end
end


-- @tparam string event all of it, not foreign
-- @treturn table|nil { type, index (as it is written), part = { type, text, partial_json } }, the last two
-- as { first, last } between the quotes; nil when it is not of the form of the API
function _M.read(event)
  local usual = read_usual(event)
  if usual then
    return usual
  end

  local text = event
  local first, last = only_line(event)
  if not first then
    text = bare_data(event)
    first, last = 0, #event
  end

  local p = ffi.cast(bytes_t, text)
  local i = lexer.skip_whitespace(p, first)
  if p[i] ~= 0x7B then
    return nil
  end
  local data = {}
  local behind = read_object(p, i, note_data, data)
  if not behind or behind > last or lexer.skip_whitespace(p, behind) < last then
    return nil
  end
  return data
end


return _M
