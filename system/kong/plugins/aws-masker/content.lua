-- What the headers Content-Type and Content-Encoding say about a body.
local gmatch = string.gmatch
local lower = string.lower
local match = string.match
local sub = string.sub


-- Character sets in which identifiers are written as in ASCII. In any other a
-- search for bytes would find nothing.
local SEARCHABLE_CHARSETS = {
  ["utf-8"] = true,
  ["utf8"] = true,
  ["us-ascii"] = true,
  ["ascii"] = true,
  ["iso-8859-1"] = true,
  ["iso-8859-15"] = true,
  ["latin1"] = true,
  ["windows-1252"] = true,
}


local _M = {}


-- @tparam string|nil content_type
-- @treturn string type and subtype in lower case, "" when there is none
function _M.media_type(content_type)
  return lower(match(content_type or "", "^%s*([^%s;,]*)"))
end


function _M.is_json(media_type)
  return media_type == "application/json"
         or media_type == "text/json"
         or sub(media_type, -5) == "+json"
end


-- @tparam string|table|nil content_type
-- @treturn boolean whether the text can be searched as bytes; not, when the header is
-- there more than once
function _M.has_searchable_charset(content_type)
  if type(content_type) == "table" then
    return false
  end

  local charset = match(lower(content_type or ""), ";%s*charset%s*=%s*[\"']?([^%s;\"']*)")
  return charset == nil or charset == "" or SEARCHABLE_CHARSETS[charset] == true
end


-- @tparam string|table|nil content_encoding
-- @treturn boolean whether the body stands for itself
function _M.is_identity(content_encoding)
  if type(content_encoding) == "table" then
    content_encoding = table.concat(content_encoding, ",")
  end

  for coding in gmatch(lower(content_encoding or ""), "[^%s,]+") do
    if coding ~= "identity" then
      return false
    end
  end
  return true
end


return _M
