-- Finds the identifiers in a text: every rule runs over it once, then one pass picks,
-- from left to right, the matches that stay: of those that overlap the one that
-- begins first, of those that begin together the longest.
local re_find = ngx.re.find
local byte = string.byte
local find = string.find
local match = string.match
local max = math.max


local OPTIONS = "jo"          -- compile once, to machine code
local OPTIONS_HERE = "ajo"    -- the same, anchored
local PREFIX = "^([a-z-]+)%-%x+$"


-- Where the match `rule` may begin, from `pos` on; nil when there is none
local function search_start(rule, text, pos)
  if not rule.needle then
    return pos
  end

  local at = find(text, rule.needle, pos, true)
  return at and max(pos, at - rule.lead)
end


-- A placeholder with a digit behind it would be another placeholder.
local function past_digits(text, to)
  local following = byte(text, to + 1)
  while following and following >= 0x30 and following <= 0x39 do
    to = to + 1
    following = byte(text, to + 1)
  end
  return to
end


local function add(found, text, from, to)
  local n = found.n + 1
  found.from[n] = from
  found.to[n] = past_digits(text, to)
  found.n = n
end


-- All matches of one rule, in order.
-- @treturn table|nil { from = {…}, to = {…}, n = count }
-- @treturn nil|string the engine's error
local function matches(rule, text)
  local found = { from = {}, to = {}, n = 0 }
  local position = {}
  local pos = search_start(rule, text, 1)

  while pos do
    position.pos = pos
    local from, to, err = re_find(text, rule.pattern, OPTIONS, position, rule.group)
    if err then
      return nil, err
    end
    if not from then
      break
    end

    add(found, text, from, to)
    pos = position.pos

    while rule.more do
      from, to, err = re_find(text, rule.more, OPTIONS_HERE, position, 1)
      if err then
        return nil, err
      end
      if not from then
        break
      end
      add(found, text, from, to)
      pos = position.pos
    end

    pos = search_start(rule, text, pos)
  end

  return found
end


local _M = {}


-- @tparam string text
-- @tparam table rules array of the catalogue's rules
-- @treturn table|nil array of { from, to, kind }: offsets from 1, inclusive,
-- ascending, not overlapping
-- @treturn nil|string why the text could not be searched: then nothing is known of it
function _M.scan(text, rules)
  local lists = {}
  for _, rule in ipairs(rules) do
    local found, err = matches(rule, text)
    if not found then
      return nil, "could not search for " .. (rule.kind or rule.switch) .. ": " .. err
    end
    if found.n > 0 then
      lists[#lists + 1] = { rule = rule, found = found, next = 1 }
    end
  end

  local kept = {}
  local covered = 0   -- the text up to here is taken
  while true do
    local best, best_from, best_to
    for n = 1, #lists do
      local list = lists[n]
      local found = list.found
      local from = found.from[list.next]
      while from and from <= covered do
        list.next = list.next + 1
        from = found.from[list.next]
      end

      if from and (not best or from < best_from or (from == best_from and found.to[list.next] > best_to)) then
        best, best_from, best_to = list, from, found.to[list.next]
      end
    end

    if not best then
      return kept
    end

    local rule = best.rule
    local kind = rule.kind or rule.kinds[match(text:sub(best_from, best_to), PREFIX)]
    kept[#kept + 1] = { from = best_from, to = best_to, kind = kind }
    covered = best_to
    best.next = best.next + 1
  end
end


return _M
