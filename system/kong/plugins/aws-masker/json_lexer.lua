-- The parts of a JSON text, read from a pointer to its bytes. All offsets are from 0. Nothing asks
-- where the text ends: a Lua string ends in a zero byte, which no part accepts.
local ffi = require "ffi"
local spans_array = require "kong.plugins.aws-masker.spans"


local tobit = require("bit").tobit


local ESCAPED = spans_array.ESCAPED


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


local function continues(byte)
  return byte >= 0x80 and byte <= 0xBF
end


-- Offset behind the UTF-8 character at `i` (its first byte is >= 0x80), or nil. The
-- ranges are those of table 3-7 of the Unicode standard.
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


local _M = {}


-- Reads the string whose first byte (behind the quote) is at `i`.
-- @treturn number|nil offset of the closing quote
-- @treturn number ESCAPED or 0
function _M.scan_string(p, i)
  local flags = 0
  while true do
    -- Whole numbers: as what Lua's are otherwise, they take twice the time.
    i = tobit(i)
    while string_class[p[i]] == 0 do
      i = tobit(i + 1)
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
function _M.skip_number(p, i)
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
function _M.skip_literal(p, i)
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


function _M.skip_whitespace(p, i)
  local byte = p[i]
  while byte == 0x20 or byte == 0x0A or byte == 0x0D or byte == 0x09 do
    i = i + 1
    byte = p[i]
  end
  return i
end


return _M
