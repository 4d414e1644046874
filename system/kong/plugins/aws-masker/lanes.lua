-- How an original is written where its placeholder stood. A lane belongs to one text:
--   lane:encode(original) -> string; what was encoded once is kept where it is the same everywhere
--   lane.quotes   where the text has got to, see quoting.lua; nil when nobody needs to know
local quoting = require "kong.plugins.aws-masker.quoting"


local gsub = string.gsub
local format = string.format
local byte = string.byte


local SHORT = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}


local function escape(character)
  return SHORT[character] or format("\\u%04x", byte(character))
end


local function encode_plain(_, original)
  return original
end


local function escaped(original, times)
  for _ = 1, times do
    original = gsub(original, '[%z\1-\31"\\]', escape)
  end
  return original
end


local function encode_json(lane, original)
  if lane.quotes then
    return escaped(original, lane.quotes:times(original, lane.times))
  end

  local encoded = lane.encoded[original]
  if not encoded then
    encoded = escaped(original, lane.times)
    lane.encoded[original] = encoded
  end
  return encoded
end


local function new(times, level, mapping)
  local quotes = quoting.is_needed(mapping) and quoting.new(level) or nil
  return { encode = encode_json, times = times, quotes = quotes, encoded = {} }
end


local _M = {}


-- Text that stands for itself
function _M.plain()
  return { encode = encode_plain }
end


-- A JSON document
function _M.json(mapping)
  return new(1, 0, mapping)
end


-- Inside a JSON string
function _M.json_string(mapping)
  return new(1, 1, mapping)
end


-- Inside a JSON string whose text is JSON: a placeholder stands in a string of that
function _M.json_in_json_string(mapping)
  return new(2, 1, mapping)
end


return _M
