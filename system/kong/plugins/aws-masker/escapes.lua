-- How text is escaped where it stands. `mark` is the byte with which each escape begins, and
--   decode(p, i, last, out, o) -> i, o
-- reads one escaped or plain unit at p[i] (below `last`), writes its bytes to out[o]
-- and on, and gives both offsets behind. It never writes more bytes than it reads.
-- `out` may be nil to learn only the lengths.
local bit = require "bit"
local ffi = require "ffi"


local band = bit.band
local bor = bit.bor
local lshift = bit.lshift
local rshift = bit.rshift


local hex_value = ffi.new("int8_t[256]")
for byte = 0, 255 do
  hex_value[byte] = tonumber(string.char(byte), 16) or -1
end

local short_escape = ffi.new("uint8_t[256]")
for escape, meaning in pairs({ b = 8, t = 9, n = 10, f = 12, r = 13, ['"'] = 0x22, ["\\"] = 0x5C, ["/"] = 0x2F }) do
  short_escape[escape:byte()] = meaning
end


local function code_unit(p, i)
  return bor(lshift(hex_value[p[i]], 12), lshift(hex_value[p[i + 1]], 8),
             lshift(hex_value[p[i + 2]], 4), hex_value[p[i + 3]])
end


local function put(out, o, byte)
  if out then
    out[o] = byte
  end
  return o + 1
end


-- Writes a code point as UTF-8. A lone surrogate becomes three bytes as well: no
-- rule matches it, and nothing but its place counts.
local function put_utf8(out, o, code)
  if code < 0x80 then
    return put(out, o, code)
  end

  if code < 0x800 then
    o = put(out, o, bor(0xC0, rshift(code, 6)))

  else
    if code < 0x10000 then
      o = put(out, o, bor(0xE0, rshift(code, 12)))
    else
      o = put(out, o, bor(0xF0, rshift(code, 18)))
      o = put(out, o, bor(0x80, band(rshift(code, 12), 0x3F)))
    end
    o = put(out, o, bor(0x80, band(rshift(code, 6), 0x3F)))
  end

  return put(out, o, bor(0x80, band(code, 0x3F)))
end


local function decode_json(p, i, last, out, o)
  local byte = p[i]
  if byte ~= 0x5C then
    return i + 1, put(out, o, byte)
  end

  byte = p[i + 1]
  if byte ~= 0x75 then
    return i + 2, put(out, o, short_escape[byte])
  end

  local code = code_unit(p, i + 2)
  i = i + 6
  if code >= 0xD800 and code <= 0xDBFF and i + 6 <= last and p[i] == 0x5C and p[i + 1] == 0x75 then
    local low = code_unit(p, i + 2)
    if low >= 0xDC00 and low <= 0xDFFF then
      code = 0x10000 + lshift(code - 0xD800, 10) + (low - 0xDC00)
      i = i + 6
    end
  end
  return i, put_utf8(out, o, code)
end


local function decode_percent(p, i, last, out, o)
  local byte = p[i]
  if byte == 0x25 and i + 2 < last then
    local high, low = hex_value[p[i + 1]], hex_value[p[i + 2]]
    if high >= 0 and low >= 0 then
      return i + 3, put(out, o, high * 16 + low)
    end
  end
  return i + 1, put(out, o, byte)
end


return {
  -- Inside a JSON string that json_strings.lua has accepted
  json = { mark = 0x5C, decode = decode_json },

  -- In a URL, or a form; a broken escape stands for itself
  percent = { mark = 0x25, decode = decode_percent },
}
