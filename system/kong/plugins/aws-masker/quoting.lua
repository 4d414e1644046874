-- Where text stands within JSON strings that quote each other, for instance JSON text
-- inside a JSON string: level 1 is a string of the document, level 2 a string of the JSON
-- text in it, and so on. A quote of level n is written with the backslashes that n - 1
-- escapings give it.
--
-- That matters only to originals that hold quotes, backslashes or control characters.
local byte = string.byte
local find = string.find
local gsub = string.gsub
local max = math.max
local pairs = pairs
local setmetatable = setmetatable
local sub = string.sub


-- Each level doubles the backslashes. Deeper ones are written as the last.
local LEVEL_MAX = 6

local BACKSLASH = 0x5C


local _M = {}
_M.__index = _M


-- Whether a text may stand between the quotes of a JSON string as it is.
function _M.fits(text)
  local pos = 1
  while true do
    local at = find(text, '[%z\1-\31"\\]', pos)
    if not at then
      return true
    end

    if find(text, '^\\["\\/bfnrt]', at) then
      pos = at + 2
    elseif find(text, "^\\u%x%x%x%x", at) then
      pos = at + 6
    else
      return false
    end
  end
end


-- Whether an original of the request would break a string of some level. "\/" parses on each.
function _M.is_needed(mapping)
  for _, originals in pairs(mapping.originals) do
    for n = 1, #originals do
      if find(gsub(originals[n], "\\/", "/"), '[%z\1-\31"\\]') then
        return true
      end
    end
  end
  return false
end


-- @tparam number level of the strings in which the text stands
function _M.new(level)
  return setmetatable({ level = level, backslashes = 0 }, _M)
end


-- Level of a quote behind so many backslashes
local function level_of(backslashes)
  local level = 1
  while backslashes % 2 == 1 and level < LEVEL_MAX do
    backslashes = (backslashes - 1) / 2
    level = level + 1
  end
  return level
end


-- Backslashes at the end of a text behind `from`; those noted before count if they reach it.
local function count_backslashes(self, text, from, to)
  local at = to
  while at >= from and byte(text, at) == BACKSLASH do
    at = at - 1
  end
  return at < from and to - at + self.backslashes or to - at
end


-- Notes the quotes of the text from `from` to `to`.
-- @treturn number offset behind
function _M:note(text, from, to)
  local part = sub(text, from, to)
  local pos = 1
  while true do
    local at = find(part, '"', pos, true)
    if not at then
      break
    end

    local level = level_of(count_backslashes(self, part, pos, at - 1))
    self.level = self.level < level and level or level - 1
    self.backslashes = 0
    pos = at + 1
  end
  self.backslashes = count_backslashes(self, part, pos, #part)
  return to + 1
end


-- How often an original is escaped here, at least `times`. In JSON text that is quoted, one that
-- parses where it stands was written so by the client, and stays.
function _M:times(original, times)
  if self.level <= times then
    return times
  end
  return _M.fits(original) and max(self.level - 1, times) or self.level
end


return _M
