-- Finds the strings of a JSON text (RFC 8259) without decoding the document.
--
-- Strict: what a parser might read in another way than this one is refused, namely
-- invalid UTF-8, a byte order mark, control characters in strings, trailing text.
-- Runs over the bytes once; what it holds is the spans and one frame per open container.
--
-- A string member "data" beside a member "type" of the value "base64", as the Messages
-- API sends images and documents, is marked OPAQUE, if it holds nothing but base64.
local ffi = require "ffi"
local spans_array = require "kong.plugins.aws-masker.spans"


local append = spans_array.append
local ffi_string = ffi.string


local ESCAPED = spans_array.ESCAPED
local VALUE = spans_array.VALUE
local OPAQUE = spans_array.OPAQUE

-- Containers within containers; far beyond what parsers accept.
local DEPTH_MAX = 4096

local OBJECT, ARRAY = 1, 2

-- Member of an object that the value belongs to
local OTHER, TYPE, DATA = 0, 1, 2

-- What an object's "type" says
local UNSAID, IS_BASE64, IS_NOT_BASE64 = 0, 1, 2

local NO_DATA = -1
local DUBIOUS_DATA = -2   -- twice, or behind an escaped key: parsers differ

local frame_array_t = ffi.typeof("struct { int32_t container, member, type, data; }[?]")
local bytes_t = ffi.typeof("const uint8_t *")


-- Classes of bytes inside a string: 0 plain, 1 to be looked at
local string_class = ffi.new("uint8_t[256]")
for byte = 0, 255 do
  if byte < 0x20 or byte == 0x22 or byte == 0x5C or byte >= 0x80 then
    string_class[byte] = 1
  end
end

local is_escape = ffi.new("uint8_t[256]")
for byte in ('"\\/bfnrt'):gmatch(".") do
  is_escape[byte:byte()] = 1
end

local is_hex = ffi.new("uint8_t[256]")
for byte in ("0123456789abcdefABCDEF"):gmatch(".") do
  is_hex[byte:byte()] = 1
end

local is_base64 = ffi.new("uint8_t[256]")
for byte in ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):gmatch(".") do
  is_base64[byte:byte()] = 1
end


local function continues(byte)
  return byte >= 0x80 and byte <= 0xBF
end


-- Offset behind the UTF-8 character at `i` (its first byte is >= 0x80), or nil. The
-- ranges are those of table 3-7 of the Unicode standard. A Lua string ends in a
-- zero byte, so that reading ahead stays inside.
local function skip_utf8(p, i)
  local a, b = p[i], p[i + 1]
  if a >= 0xC2 and a <= 0xDF then
    return continues(b) and i + 2 or nil
  end

  if not continues(b) then
    return nil
  end

  if a >= 0xE0 and a <= 0xEF then
    if (a == 0xE0 and b < 0xA0) or (a == 0xED and b > 0x9F) then
      return nil
    end
    return continues(p[i + 2]) and i + 3 or nil
  end

  if a >= 0xF0 and a <= 0xF4 then
    if (a == 0xF0 and b < 0x90) or (a == 0xF4 and b > 0x8F) then
      return nil
    end
    return continues(p[i + 2]) and continues(p[i + 3]) and i + 4 or nil
  end

  return nil
end


-- Reads the string whose first byte (behind the quote) is at `i`.
-- @treturn number|nil offset of the closing quote
-- @treturn number ESCAPED or 0
local function scan_string(p, i)
  local flags = 0
  while true do
    while string_class[p[i]] == 0 do
      i = i + 1
    end

    local byte = p[i]
    if byte == 0x22 then
      return i, flags

    elseif byte == 0x5C then
      flags = ESCAPED
      byte = p[i + 1]
      if is_escape[byte] == 1 then
        i = i + 2

      elseif byte == 0x75 and is_hex[p[i + 2]] == 1 and is_hex[p[i + 3]] == 1
             and is_hex[p[i + 4]] == 1 and is_hex[p[i + 5]] == 1
      then
        i = i + 6

      else
        return nil
      end

    elseif byte >= 0x80 then
      i = skip_utf8(p, i)
      if not i then
        return nil
      end

    else
      return nil -- a control character, or the end
    end
  end
end


local function skip_digits(p, i)
  local first = i
  while p[i] >= 0x30 and p[i] <= 0x39 do
    i = i + 1
  end
  return i > first and i or nil
end


-- Offset behind the number at `i`, or nil
local function skip_number(p, i)
  if p[i] == 0x2D then -- -
    i = i + 1
  end

  if p[i] == 0x30 then
    i = i + 1

  else
    i = skip_digits(p, i)
    if not i then
      return nil
    end
  end

  if p[i] == 0x2E then -- .
    i = skip_digits(p, i + 1)
    if not i then
      return nil
    end
  end

  if p[i] == 0x65 or p[i] == 0x45 then -- e E
    i = i + 1
    if p[i] == 0x2B or p[i] == 0x2D then -- + -
      i = i + 1
    end
    return skip_digits(p, i)
  end

  return i
end


-- Offset behind true, false or null at `i`, or nil
local function skip_literal(p, i)
  local byte = p[i]
  if byte == 0x74 then
    return p[i + 1] == 0x72 and p[i + 2] == 0x75 and p[i + 3] == 0x65 and i + 4 or nil
  end

  if byte == 0x66 then
    return p[i + 1] == 0x61 and p[i + 2] == 0x6C and p[i + 3] == 0x73 and p[i + 4] == 0x65 and i + 5 or nil
  end

  if byte == 0x6E then
    return p[i + 1] == 0x75 and p[i + 2] == 0x6C and p[i + 3] == 0x6C and i + 4 or nil
  end

  return nil
end


local function skip_whitespace(p, i)
  local byte = p[i]
  while byte == 0x20 or byte == 0x0A or byte == 0x0D or byte == 0x09 do
    i = i + 1
    byte = p[i]
  end
  return i
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

  elseif last - first == 4 then
    local key = ffi_string(p + first, 4)
    if key == "type" then
      frame.member = TYPE
    elseif key == "data" then
      frame.member = DATA
    end
  end
end


-- Notes in the frame what the value of the member is.
local function note_value(frame, p, first, last, index)
  if frame.member == TYPE then
    local says_base64 = frame.type == UNSAID and index and ffi_string(p + first, last - first) == "base64"
    frame.type = says_base64 and IS_BASE64 or IS_NOT_BASE64

  elseif frame.member == DATA then
    frame.data = frame.data == NO_DATA and index or DUBIOUS_DATA
  end
  frame.member = OTHER
end


local function close(frame, p, spans)
  if frame.container == OBJECT and frame.type == IS_BASE64 and frame.data >= 0 then
    local entry = spans.entries[frame.data]
    if holds_base64_only(p, entry) then
      entry.flags = entry.flags + OPAQUE
    end
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

  local i = skip_whitespace(p, 0)
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
        local last, flags = scan_string(p, i + 1)
        if not last then
          return nil, "broken string at " .. i
        end
        append(spans, i + 1, last, flags)
        note_key(frame, p, i + 1, last, flags)
        i = skip_whitespace(p, last + 1)
        if p[i] ~= 0x3A then
          return nil, "no colon at " .. i
        end
        i = skip_whitespace(p, i + 1)
        byte = p[i]
        expects_key = false
      end

      if byte == 0x22 then
        local last, flags = scan_string(p, i + 1)
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
          i = skip_whitespace(p, i + 1)

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
            behind = skip_number(p, i)
          else
            behind = skip_literal(p, i)
          end
          if not behind then
            return nil, "no value at " .. i
          end
          i = behind
          is_value = false
        end
      end

    else
      i = skip_whitespace(p, i)
      if depth == 0 then
        if i == size then
          return spans
        end
        return nil, "text behind the document at " .. i
      end

      local byte = p[i]
      local frame = frames[depth]
      if byte == 0x2C then -- ,
        i = skip_whitespace(p, i + 1)
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
