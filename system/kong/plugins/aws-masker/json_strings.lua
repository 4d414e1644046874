-- Finds the strings of a JSON text (RFC 8259) without decoding the document.
--
-- Strict: what a parser might read in another way than this one is refused, namely
-- invalid UTF-8, a byte order mark, control characters in strings, trailing text.
-- Runs over the bytes once; what it holds is the spans and one frame per open container.
--
-- A string member "data" beside a member "type" of the value "base64", as the Messages
-- API sends images and documents, is marked OPAQUE, if it holds nothing but base64. The strings
-- that a thinking block consists of are marked THINKING.
local ffi = require "ffi"
local lexer = require "kong.plugins.aws-masker.json_lexer"
local spans_array = require "kong.plugins.aws-masker.spans"


local append = spans_array.append
local ffi_string = ffi.string


local VALUE = spans_array.VALUE
local OPAQUE = spans_array.OPAQUE
local THINKING = spans_array.THINKING

-- Containers within containers; far beyond what parsers accept.
local DEPTH_MAX = 4096

local OBJECT, ARRAY = 1, 2

-- Member of an object that the value belongs to
local OTHER, TYPE, DATA, THOUGHT, SIGNATURE = 0, 1, 2, 3, 4
local MEMBERS = { type = TYPE, data = DATA, thinking = THOUGHT, signature = SIGNATURE }
local MEMBER_SIZE_MIN, MEMBER_SIZE_MAX = #"type", #"signature"

-- What an object's "type" says
local UNSAID, IS_OTHER, IS_BASE64, IS_THINKING, IS_REDACTED = 0, 1, 2, 3, 4
local TYPES = { base64 = IS_BASE64, thinking = IS_THINKING, redacted_thinking = IS_REDACTED }

local NO_DATA = -1
local DUBIOUS_DATA = -2   -- twice, or behind an escaped key: parsers differ

local frame_array_t = ffi.typeof("struct { int32_t container, member, type, data, thought, signature; }[?]")
local bytes_t = ffi.typeof("const uint8_t *")


local is_base64 = ffi.new("uint8_t[256]")
for byte in ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):gmatch(".") do
  is_base64[byte:byte()] = 1
end


local function holds_base64_only(p, entry)
  local i, last = entry.first, entry.last
  while i < last and is_base64[p[i]] == 1 do
    i = i + 1
  end
  while i < last and p[i] == 0x3D do -- =
    i = i + 1
  end
  return i == last
end


-- Notes in the object's frame which member follows.
local function note_key(frame, p, first, last, flags)
  frame.member = OTHER
  if flags ~= 0 then
    frame.data = DUBIOUS_DATA

  elseif last - first >= MEMBER_SIZE_MIN and last - first <= MEMBER_SIZE_MAX then
    frame.member = MEMBERS[ffi_string(p + first, last - first)] or OTHER
  end
end


-- Notes in the frame what the value of the member is.
local function note_value(frame, p, first, last, index)
  if frame.member == TYPE then
    local is_first = frame.type == UNSAID and index
    frame.type = is_first and TYPES[ffi_string(p + first, last - first)] or IS_OTHER

  elseif frame.member == DATA then
    frame.data = frame.data == NO_DATA and index or DUBIOUS_DATA

  elseif frame.member == THOUGHT then
    frame.thought = index or NO_DATA

  elseif frame.member == SIGNATURE then
    frame.signature = index or NO_DATA
  end
  frame.member = OTHER
end


local function mark(spans, index, flag)
  if index >= 0 then
    local entry = spans.entries[index]
    entry.flags = entry.flags + flag
  end
end


local function close(frame, p, spans)
  if frame.container ~= OBJECT then
    return
  end

  if frame.type == IS_BASE64 then
    if frame.data >= 0 and holds_base64_only(p, spans.entries[frame.data]) then
      mark(spans, frame.data, OPAQUE)
    end

  elseif frame.type == IS_THINKING then
    mark(spans, frame.thought, THINKING)
    mark(spans, frame.signature, THINKING)

  elseif frame.type == IS_REDACTED then
    mark(spans, frame.data, THINKING)
  end
end


local _M = {}


-- @tparam string text
-- @treturn table|nil spans (see spans.lua) of the strings between their quotes, keys
-- and values, in order; nil when the text is not JSON
-- @treturn nil|string what is wrong, with the offset in bytes, never with text
function _M.find(text)
  local p = ffi.cast(bytes_t, text)
  local size = #text
  local spans = spans_array.new()
  local frames = ffi.new(frame_array_t, DEPTH_MAX + 1)
  local depth = 0

  local i = lexer.skip_whitespace(p, 0)
  local expects_key = false
  local is_value = true   -- at a value, else behind one

  while true do
    if is_value then
      local byte = p[i]
      local frame = frames[depth]

      if expects_key then
        -- the key, and up to the value
        if byte ~= 0x22 then
          return nil, "no key at " .. i
        end
        local last, flags = lexer.scan_string(p, i + 1)
        if not last then
          return nil, "broken string at " .. i
        end
        append(spans, i + 1, last, flags)
        note_key(frame, p, i + 1, last, flags)
        i = lexer.skip_whitespace(p, last + 1)
        if p[i] ~= 0x3A then
          return nil, "no colon at " .. i
        end
        i = lexer.skip_whitespace(p, i + 1)
        byte = p[i]
        expects_key = false
      end

      if byte == 0x22 then
        local last, flags = lexer.scan_string(p, i + 1)
        if not last then
          return nil, "broken string at " .. i
        end
        if depth > 0 and frame.container == OBJECT then
          local index = append(spans, i + 1, last, flags + VALUE)
          note_value(frame, p, i + 1, last, index)
        else
          append(spans, i + 1, last, flags)
        end
        i = last + 1
        is_value = false

      else
        if depth > 0 and frame.container == OBJECT then
          note_value(frame, p, i, i, nil)
        end

        if byte == 0x7B or byte == 0x5B then -- { [
          if depth == DEPTH_MAX then
            return nil, "nested too deep at " .. i
          end
          depth = depth + 1
          frame = frames[depth]
          frame.container = byte == 0x7B and OBJECT or ARRAY
          frame.member = OTHER
          frame.type = UNSAID
          frame.data = NO_DATA
          frame.thought = NO_DATA
          frame.signature = NO_DATA
          i = lexer.skip_whitespace(p, i + 1)

          if p[i] == byte + 2 then -- the closing bracket
            depth = depth - 1
            i = i + 1
            is_value = false
          else
            expects_key = byte == 0x7B
          end

        else
          local behind
          if byte == 0x2D or (byte >= 0x30 and byte <= 0x39) then
            behind = lexer.skip_number(p, i)
          else
            behind = lexer.skip_literal(p, i)
          end
          if not behind then
            return nil, "no value at " .. i
          end
          i = behind
          is_value = false
        end
      end

    else
      i = lexer.skip_whitespace(p, i)
      if depth == 0 then
        if i == size then
          return spans
        end
        return nil, "text behind the document at " .. i
      end

      local byte = p[i]
      local frame = frames[depth]
      if byte == 0x2C then -- ,
        i = lexer.skip_whitespace(p, i + 1)
        is_value = true
        expects_key = frame.container == OBJECT

      elseif byte == (frame.container == OBJECT and 0x7D or 0x5D) then
        close(frame, p, spans)
        depth = depth - 1
        i = i + 1

      else
        return nil, "no comma at " .. i
      end
    end
  end
end


return _M
