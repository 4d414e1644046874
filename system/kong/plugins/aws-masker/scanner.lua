-- Finds the identifiers in a text. One pass finds where rules may match, by how their matches begin; the rules
-- are tried there and nowhere else, so that what they cost depends on what looks like an identifier. Of all
-- matches those stay, from left to right, that begin first, and of those that begin together the longest.
--
-- The matches of one rule do not overlap: the next begins behind the identifier of the one before.
local automaton = require "kong.plugins.aws-masker.automaton"
local bytes = require "kong.plugins.aws-masker.bytes"
local catalogue = require "kong.plugins.aws-masker.catalogue"
local ffi = require "ffi"
local matches_of = require "kong.plugins.aws-masker.matches"


local re_find = ngx.re.find
local byte = string.byte
local max = math.max
local note = matches_of.note


local OPTIONS = "ajo"   -- where it is asked for, compiled once, to machine code

-- Longer than the beginning of every host name up to the anchor of a rule
local HOST_MAX = 400

-- A resource id's hyphen and its first digits. Prefixes are looked for from there: there are so many of them that the
-- automaton would take ten times the memory, and half a second to be made.
local ID_HEAD = "-" .. string.rep("[0123456789abcdef]", 8)
local ID_HEAD_SIZE = 9
local BACKSLASH, PERCENT, COLOUR_END = byte("\\%m", 1, -1)

-- Places that are looked at before their rules are tried
local HITS_MAX = 1024

local hits = automaton.new_hits(HITS_MAX)

local is_alnum = ffi.new("uint8_t[256]")
local is_of_host = ffi.new("uint8_t[256]")
for value = 0, 255 do
  is_alnum[value] = string.char(value):find("^[0-9A-Za-z]") and 1 or 0
  is_of_host[value] = string.char(value):find("^[0-9A-Za-z._-]") and 1 or 0
end


-- Beginnings, and for each what is to be tried where it ends: rules, or `{ of_ids = true }`
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
      local back = rule.place == "behind" and places - 2 or places - 1
      add(head, { rule = rule, kind = catalogue.numbers[rule.kind], back = back })
    end
  end
  return beginnings, tries
end


-- The prefixes of resource ids, from their ends, as a tree: byte → node; where a prefix begins, `id` is its number
-- in the array that is the second result: { rule, kind }.
local function prefix_tree(rules)
  local root, ids = {}, {}
  for _, rule in ipairs(rules) do
    for prefix, kind in pairs(rule.kinds or {}) do
      local node = root
      for at = #prefix, 1, -1 do
        local key = byte(prefix, at)
        node[key] = node[key] or {}
        node = node[key]
      end
      ids[#ids + 1] = { rule = rule, kind = catalogue.numbers[kind] }
      node.id = #ids
    end
  end
  return root, ids
end


-- State of the automaton → what is to be tried where it is reached, each once
local function tries_of(ids, tries)
  local by_state = {}
  for state, list in pairs(ids) do
    local all, known = {}, {}
    for _, id in ipairs(list) do
      for _, one in ipairs(tries[id]) do
        local key = one.of_ids and "ids" or one.rule.index .. " " .. one.back
        if not known[key] then
          known[key] = true
          all[#all + 1] = one
          all.has_ids = all.has_ids or one.of_ids
        end
      end
    end
    by_state[state] = all
  end
  return by_state
end


local beginnings, tries_by_beginning = beginnings_of(catalogue.rules)
local heads = automaton.new(beginnings)
local tries_by_state = tries_of(heads.ids, tries_by_beginning)
local prefixes, ids = prefix_tree(catalogue.rules)


-- A placeholder with a digit behind it would be another placeholder.
local function past_digits(text, to)
  local following = byte(text, to + 1)
  while following and following >= 0x30 and following <= 0x39 do
    to = to + 1
    following = byte(text, to + 1)
  end
  return to
end


local function take(found, rule, kind, text, first, last)
  note(found.matches, first, past_digits(text, last), rule.index, kind)
  found.behind[rule.index] = last + 1
end


-- Takes the list behind a match that ends at `last`.
-- @treturn nil|string the engine's error
local function take_more(found, rule, kind, text, last)
  local position = found.position
  while true do
    position.pos = last + 1
    local first, err
    first, last, err = re_find(text, rule.more, OPTIONS, position, 1)
    if not first then
      return err
    end
    take(found, rule, kind, text, first, last)
  end
end


-- Tries a rule at an offset, and its list behind that.
-- @treturn nil|string the engine's error
local function try(found, rule, kind, text, from)
  local index = rule.index
  if from < (found.behind[index] or 1) or from == found.tried[index] then
    return nil
  end

  found.tried[index] = from
  local position = found.position
  position.pos = from
  local first, last, err = re_find(text, rule.pattern, OPTIONS, position, 1)
  if not first then
    return err
  end
  take(found, rule, kind, text, first, last)
  if rule.more then
    return take_more(found, rule, kind, text, last)
  end
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


-- Whether an id may begin at an offset (from 0): not within a word, except behind what may be the end of an escape.
-- The rules look closer.
local function may_begin(p, at)
  if at == 0 or is_alnum[p[at - 1]] == 0 or p[at - 1] == COLOUR_END then
    return true
  end
  return (at >= 2 and p[at - 2] == BACKSLASH) or (at >= 3 and p[at - 3] == PERCENT)
         or (at >= 6 and p[at - 6] == BACKSLASH)   -- \n, %3D, \u003d
end


-- Looks for a prefix that ends before the hyphen at an offset (from 0), for the longest that may begin an id.
-- @tparam number bound it begins behind that offset
-- @treturn number offset, @treturn number of `ids`, 0 when there is none
local function prefix_before(p, hyphen, bound)
  local from, id = hyphen, 0
  local at, node = hyphen, prefixes
  while at > bound + 1 do
    at = at - 1
    node = node[p[at]]
    if not node then
      break
    end
    if node.id and may_begin(p, at) then
      from, id = at, node.id
    end
  end
  return from, id
end


-- Notes in the hits which ids may begin before them.
local function find_prefixes(p, count)
  for n = 0, count - 1 do
    local hit = hits[n]
    hit.id = 0
    if tries_by_state[hit.state].has_ids then
      hit.from, hit.id = prefix_before(p, hit.at - ID_HEAD_SIZE, -1)
    end
  end
end


-- Tries a resource id, and where it is none those that begin behind it. It would be the one to stay.
-- @tparam number from offset from 0, @tparam number id of `ids`, @tparam number hyphen offset from 0
-- @treturn nil|string the engine's error
local function try_id(found, enabled, text, p, from, id, hyphen)
  local one = ids[id]
  if enabled[one.rule.index] then
    local before = found.matches.n
    local err = try(found, one.rule, one.kind, text, from + 1)
    if err or found.matches.n > before then
      return err
    end
  end

  from, id = prefix_before(p, hyphen, from)
  if id > 0 then
    return try_id(found, enabled, text, p, from, id, hyphen)
  end
end


-- Tries what may match where beginnings end. One loop, not one in another: the inner one would hardly ever go round,
-- and a loop that does not keeps what is around it from being compiled.
-- @tparam number count of `hits`
-- @treturn nil|string the engine's error
local function try_hits(found, enabled, text, p, count)
  local n, k = 0, 1
  while n < count do
    local hit = hits[n]
    local one = tries_by_state[hit.state][k]
    k = k + 1

    local err
    if not one then
      n = n + 1
      k = 1

    elseif one.of_ids then
      if hit.id > 0 then
        err = try_id(found, enabled, text, p, hit.from, hit.id, hit.at - ID_HEAD_SIZE)
      end

    elseif enabled[one.rule.index] then
      local from = hit.at - one.back
      if one.rule.place == "host" then
        from = host_start(p, from)
      end
      err = from and try(found, one.rule, one.kind, text, from)
    end
    if err then
      return err
    end
  end
end


-- @treturn table|nil all matches of the rules
-- @treturn nil|string the engine's error
local function find_all(text, enabled)
  local found = { matches = matches_of.new(), behind = {}, tried = {}, position = {} }
  local p = bytes.of(text)
  local size = #text
  local at, state = 0, heads.first
  local count

  repeat
    at, state, count = automaton.run(heads, p, at, size, state, hits, HITS_MAX)
    find_prefixes(p, count)
    local err = try_hits(found, enabled, text, p, count)
    if err then
      return nil, err
    end
  until at == size
  return found.matches
end


local _M = {}


-- @tparam string text
-- @tparam table enabled the catalogue's rules that are on: index → rule
-- @treturn table|nil what is to be replaced, see matches.lua: ascending, not overlapping
-- @treturn nil|string why the text could not be searched: then nothing is known of it
function _M.scan(text, enabled)
  local matches, err = find_all(text, enabled)
  if not matches then
    return nil, "could not search for identifiers: " .. err
  end

  matches_of.resolve(matches)
  return matches
end


return _M
