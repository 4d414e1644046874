-- Finds the identifiers in a text. One pass finds where rules may match, by how their matches begin; the rules
-- are tried there and nowhere else, so that what they cost depends on what looks like an identifier. Of all
-- matches those stay, from left to right, that begin first, and of those that begin together the longest.
--
-- The matches of one rule do not overlap: the next begins behind the identifier of the one before.
local automaton = require "kong.plugins.aws-masker.automaton"
local catalogue = require "kong.plugins.aws-masker.catalogue"
local ffi = require "ffi"


local re_find = ngx.re.find
local byte = string.byte
local match = string.match
local max = math.max
local sub = string.sub


local OPTIONS = "ajo"   -- where it is asked for, compiled once, to machine code

-- Longer than the beginning of every host name up to the anchor of a rule
local HOST_MAX = 400

-- A resource id's hyphen and first digits; no prefix is longer than that
local ID_HEAD = "-" .. string.rep("[0123456789abcdef]", 8)
local ID_HEAD_SIZE = 9
local PREFIX_MAX = 24
local PREFIX = "^([a-z0-9-]+)%-%x+$"
local HYPHEN = 0x2D

local bytes_t = ffi.typeof("const uint8_t *")

local is_hex = ffi.new("uint8_t[256]")
for value in ("0123456789abcdef"):gmatch(".") do
  is_hex[value:byte()] = 1
end

local is_alnum = ffi.new("uint8_t[256]")
local is_of_host = ffi.new("uint8_t[256]")
for value = 0, 255 do
  is_alnum[value] = string.char(value):find("^[0-9A-Za-z]") and 1 or 0
  is_of_host[value] = string.char(value):find("^[0-9A-Za-z._-]") and 1 or 0
end


-- Beginning → rules, of which `ids` stands for all of resource ids
local function beginnings_of(rules)
  local beginnings, tries = {}, {}
  local known = {}
  local function add(head, try)
    if not known[head] then
      beginnings[#beginnings + 1] = head
      tries[#beginnings] = {}
      known[head] = #beginnings
    end
    local list = tries[known[head]]
    list[#list + 1] = try
  end

  add(ID_HEAD, { of_ids = true })
  for _, rule in ipairs(rules) do
    for _, head in ipairs(rule.heads or {}) do
      local places = select(2, head:gsub("%[^?[^%]]+%]", "x"):gsub(".", ""))
      add(head, { rule = rule, back = rule.place == "behind" and places - 2 or places - 1 })
    end
  end
  return beginnings, tries
end


local beginnings, tries_by_beginning = beginnings_of(catalogue.rules)
local heads = automaton.new(beginnings)

-- Prefix → rules of resource ids
local rules_by_prefix = {}
local ID_LENGTHS = {}   -- how many digits some rule asks for → true
for _, rule in ipairs(catalogue.rules) do
  for _, length in ipairs(rule.lengths or {}) do
    ID_LENGTHS[length] = true
  end
  for prefix in pairs(rule.kinds or {}) do
    rules_by_prefix[prefix] = rule
  end
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


-- Notes a match, in order of where they begin, then of length, then of the catalogue. What comes late
-- begins a few hundred bytes earlier at most, so that this takes few steps.
local function note(found, rule, text, from, to)
  to = past_digits(text, to)
  local froms, tos, rules = found.from, found.to, found.rule
  local at = found.n + 1
  found.n = at
  while at > 1 do
    local before = froms[at - 1]
    if before < from or (before == from
       and (tos[at - 1] > to or (tos[at - 1] == to and rules[at - 1].index < rule.index)))
    then
      break
    end
    froms[at], tos[at], rules[at] = before, tos[at - 1], rules[at - 1]
    at = at - 1
  end
  froms[at], tos[at], rules[at] = from, to, rule
end


-- Tries a rule at an offset, and its list behind that.
-- @treturn nil|string the engine's error
local function try(found, rule, text, from)
  local behind = found.behind
  local index = rule.index
  if from < (behind[index] or 1) or from == found.tried[index] then
    return nil
  end

  found.tried[index] = from
  local position = found.position
  position.pos = from
  local first, last, err = re_find(text, rule.pattern, OPTIONS, position, 1)
  while first do
    note(found, rule, text, first, last)
    behind[index] = last + 1
    if not rule.more then
      return nil
    end
    position.pos = last + 1
    first, last, err = re_find(text, rule.more, OPTIONS, position, 1)
  end
  return err
end


-- Offset (from 1) at which the host name begins that an anchor at `pos` belongs to; nil when that is too far away.
local function host_start(p, pos)
  local at = pos - 1   -- from 0
  local bound = max(0, at - HOST_MAX)
  while at > bound and is_of_host[p[at - 1]] == 1 do
    at = at - 1
  end
  return (at == 0 or is_of_host[p[at - 1]] == 0) and at + 1 or nil
end


-- Tries the rules of resource ids whose prefix stands before the hyphen at `hyphen`, an offset from 0.
local function try_ids(found, enabled, text, p, hyphen)
  local behind = hyphen + 1
  while is_hex[p[behind]] == 1 do
    behind = behind + 1
  end
  if not ID_LENGTHS[behind - hyphen - 1] or is_alnum[p[behind]] == 1 or hyphen == 0 then
    return nil
  end

  local first = hyphen
  local bound = max(0, hyphen - PREFIX_MAX)
  while first > bound and (is_alnum[p[first - 1]] == 1 or p[first - 1] == HYPHEN) do
    first = first - 1
  end
  for from = first + 1, hyphen do
    local rule = rules_by_prefix[sub(text, from, hyphen)]
    if rule and enabled[rule.index] then
      local err = try(found, rule, text, from)
      if err then
        return err
      end
    end
  end
end


-- Tries what may match where beginnings end.
-- @tparam number last offset (from 1) of their last byte
-- @treturn nil|string the engine's error
local function try_all(found, enabled, text, p, ids, last)
  for n = 1, #ids do
    local tries = tries_by_beginning[ids[n]]
    for t = 1, #tries do
      local one = tries[t]
      local err
      if one.of_ids then
        err = try_ids(found, enabled, text, p, last - ID_HEAD_SIZE)

      elseif enabled[one.rule.index] then
        local from = last - one.back
        if one.rule.place == "host" then
          from = host_start(p, from)
        end
        err = from and try(found, one.rule, text, from)
      end
      if err then
        return err
      end
    end
  end
end


-- All matches of the rules, in the order of `note`.
-- @treturn table|nil
-- @treturn nil|string the engine's error
local function matches(text, enabled)
  local found = { from = {}, to = {}, rule = {}, n = 0, behind = {}, tried = {}, position = {} }
  local p = ffi.cast(bytes_t, text)
  local size = #text
  local at, state = 0, heads.first

  while true do
    at, state = automaton.advance(heads, p, at, size, state)
    if at > size then
      return found
    end
    local err = try_all(found, enabled, text, p, heads.ids[state], at)
    if err then
      return nil, err
    end
  end
end


local _M = {}


-- @tparam string text
-- @tparam table enabled the catalogue's rules that are on: index → rule
-- @treturn table|nil array of { from, to, kind }: offsets from 1, inclusive,
-- ascending, not overlapping
-- @treturn nil|string why the text could not be searched: then nothing is known of it
function _M.scan(text, enabled)
  local found, err = matches(text, enabled)
  if not found then
    return nil, "could not search for identifiers: " .. err
  end

  local kept = {}
  local covered = 0   -- the text up to here is taken
  for n = 1, found.n do
    local from, to = found.from[n], found.to[n]
    if from > covered then
      local rule = found.rule[n]
      local kind = rule.kind or rule.kinds[match(sub(text, from, to), PREFIX)]
      kept[#kept + 1] = { from = from, to = to, kind = kind }
      covered = to
    end
  end
  return kept
end


return _M
