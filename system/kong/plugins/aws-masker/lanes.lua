-- How an original is written where its placeholder stood. A lane belongs to one text:
--   lane:encode(original) -> string
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


local function encode_json(lane, original)
  local times = lane.times
  if lane.quotes then
    times = lane.quotes:times(original, times)
  end
  for _ = 1, times do
    original = gsub(original, '[%z\1-\31"\\]', escape)
  end
  return original
end


local function new(times, level, mapping)
  local quotes = quoting.is_needed(mapping) and quoting.new(level) or nil
  return { encode = encode_json, times = times, quotes = quotes }
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
