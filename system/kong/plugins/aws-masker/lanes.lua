-- How an original is written where its placeholder stood.
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


local _M = {}


-- Text that stands for itself
_M.plain = {
  encode = function(original)
    return original
  end,
}


-- Inside a JSON string
_M.json = {
  encode = function(original)
    return (gsub(original, '[%z\1-\31"\\]', escape))
  end,
}


-- The lane of a response body by its media type (see content.lua): JSON, and the events of a
-- stream, whose data is JSON.
function _M.of_media_type(media_type, is_json)
  if is_json or media_type == "text/event-stream" then
    return _M.json
  end
  return _M.plain
end


return _M
