-- The text to be searched, and the way from a match in it back to the bytes of the
-- body that stand for it.
--
-- All strings of a JSON body, decoded, are joined into one text, so that each rule runs
-- once: the byte 0xFE stands between a key and its string, 0xFF before every other
-- string. Neither occurs in UTF-8.
local bytes = require "kong.plugins.aws-masker.bytes"
local escapes = require "kong.plugins.aws-masker.escapes"
local ffi = require "ffi"
local json_strings = require "kong.plugins.aws-masker.json_strings"
local spans_array = require "kong.plugins.aws-masker.spans"


local band = require("bit").band
local bytes_find = bytes.find
local ffi_copy = ffi.copy
local ffi_string = ffi.string


local ESCAPED = spans_array.ESCAPED
local VALUE = spans_array.VALUE
local OPAQUE = spans_array.OPAQUE

local BEFORE_VALUE = 0xFE
local BEFORE_STRING = 0xFF

local buffer_t = ffi.typeof("uint8_t[?]")


-- Decodes p from i to `last`: what stands between escapes stands for itself.
-- @treturn number offset behind what was written to out[o] and on
local function decode(p, i, last, escape, out, o)
  while true do
    local at = bytes_find(p, i, last, escape.mark)
    ffi_copy(out + o, p + i, at - i)
    o = o + (at - i)
    if at == last then
      return o
    end
    i, o = escape.decode(p, at, last, out, o)
  end
end


-- Decodes the spans into one text and notes in each where it begins there.
local function join(raw, spans, escape)
  local p = bytes.of(raw)
  local out = ffi.new(buffer_t, #raw + 1)
  local o = 0
  local entries = spans.entries

  for n = 0, spans.n - 1 do
    local entry = entries[n]
    local flags = entry.flags
    out[o] = band(flags, VALUE) ~= 0 and BEFORE_VALUE or BEFORE_STRING
    o = o + 1
    entry.at = o

    local i, last = entry.first, entry.last
    if band(flags, OPAQUE) == 0 then
      if band(flags, ESCAPED) == 0 then
        ffi_copy(out + o, p + i, last - i)
        o = o + (last - i)

      else
        o = decode(p, i, last, escape, out, o)
      end
    end
  end

  return ffi_string(out, o)
end


local _M = {}


-- @tparam string raw a JSON text
-- @treturn table|nil
-- @treturn nil|string why it is not JSON
function _M.of_json(raw)
  local spans, err = json_strings.find(raw)
  if not spans then
    return nil, err
  end

  return { raw = raw, text = join(raw, spans, escapes.json), spans = spans, escape = escapes.json }
end


-- @tparam string raw text that may be percent-encoded
function _M.of_percent_encoded(raw)
  if not raw:find("%", 1, true) then
    return _M.of_plain(raw)
  end

  local spans = spans_array.new()
  spans_array.append(spans, 0, #raw, ESCAPED)
  return { raw = raw, text = join(raw, spans, escapes.percent), spans = spans, escape = escapes.percent }
end


-- @tparam string raw text that stands for itself
function _M.of_plain(raw)
  return { raw = raw, text = raw }
end


-- Walks from a unit of raw bytes at p[i], which stands for the text's offset `o`, to the one that holds its offset
-- `target`.
-- @treturn number where that begins, @treturn number the offset in the text that it begins with
local function walk(p, i, o, target, last, escape)
  local mark = escape.mark
  while true do
    if p[i] ~= mark then
      -- Up to the next escape, text and bytes go side by side.
      local to = i + (target - o)
      local at = bytes_find(p, i, to + 1, mark)
      if at > to then
        return to, target
      end
      i, o = at, o + (at - i)
    end
    local i_behind, o_behind = escape.decode(p, i, last, nil, o)
    if o_behind > target then
      return i, o
    end
    i, o = i_behind, o_behind
  end
end


-- A function that turns a stretch of the text into the stretch of the raw bytes
-- that stands for it. It must be asked in ascending order, which makes all
-- its calls together one pass.
-- @treturn function (from, to) -> (raw_from, raw_to, flags), offsets inclusive and from 1; the flags are
-- those of the string (see spans.lua), 0 where there are no strings
function _M.locator(decoded)
  local spans = decoded.spans
  if not spans then
    return function(from, to)
      return from, to, 0
    end
  end

  local p = bytes.of(decoded.raw)
  local escape = decoded.escape
  local entries, n_last = spans.entries, spans.n - 1
  local n = 0
  local i, o = entries[0].first, entries[0].at

  return function(from, to)
    from, to = from - 1, to - 1
    while n < n_last and entries[n + 1].at <= from do
      n = n + 1
      i, o = entries[n].first, entries[n].at
    end

    local entry = entries[n]
    if band(entry.flags, ESCAPED) == 0 then
      local first = entry.first - entry.at
      return first + from + 1, first + to + 1, entry.flags
    end

    i, o = walk(p, i, o, from, entry.last, escape)
    local first = i
    i, o = walk(p, i, o, to, entry.last, escape)
    local behind = escape.decode(p, i, entry.last, nil, 0)
    return first + 1, behind, entry.flags
  end
end


return _M
