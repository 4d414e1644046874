-- Finds many short beginnings in a text at once: a deterministic automaton over bytes (Aho and Corasick,
-- Communications of the ACM 18, 1975, with a set of bytes for each place instead of one byte), which
-- takes one look-up per byte of the text however many beginnings there are.
--
-- A beginning is a string: a byte stands for itself, `[abc]` for one of these, `[^abc]` for one of all others.
local ffi = require "ffi"
local tobit = require("bit").tobit


local byte = string.byte
local concat = table.concat
local find = string.find
local sort = table.sort
local sub = string.sub


local BYTES = 256

-- What comes before a text, for beginnings that start with what stands before a match: no letter, no digit.
local BEFORE = 0xFF

local classes_t = ffi.typeof("uint8_t[256]")
local table_t = ffi.typeof("int32_t[?]")
local hits_t = ffi.typeof("struct { int32_t at, state, from, id; }[?]")


-- The places of a beginning, each as { [byte] = true } with the text of the set as name
local function places_of(beginning)
  local places = {}
  local pos = 1
  while pos <= #beginning do
    local last = pos
    if byte(beginning, pos) == 0x5B then -- [
      last = find(beginning, "]", pos + 2, true)
    end
    local name = sub(beginning, pos, last)
    local is_complement = find(name, "^%[^") ~= nil
    local members = {}
    for value = 0, BYTES - 1 do
      members[value] = is_complement
    end
    local inner = last == pos and name or sub(name, is_complement and 3 or 2, -2)
    for n = 1, #inner do
      members[byte(inner, n)] = not is_complement
    end
    places[#places + 1] = { name = name, members = members }
    pos = last + 1
  end
  return places
end


-- A tree of places: node = { name of a set → node, outputs = { id, … } }
local function tree_of(beginnings)
  local root = { next = {}, number = 0 }
  local count = 0
  local sets = {}
  for id, beginning in ipairs(beginnings) do
    local node = root
    for _, place in ipairs(places_of(beginning)) do
      sets[place.name] = place.members
      local following = node.next[place.name]
      if not following then
        count = count + 1
        following = { next = {}, number = count }
        node.next[place.name] = following
      end
      node = following
    end
    node.ids = node.ids or {}
    node.ids[#node.ids + 1] = id
  end
  return root, sets
end


-- Bytes that no set tells apart are one class.
-- @treturn cdata class of each byte, @treturn array of one byte per class (class 0 first)
local function classes_of(sets)
  local names = {}
  for name in pairs(sets) do
    names[#names + 1] = name
  end
  sort(names)

  local classes = ffi.new(classes_t)
  local members = {}
  local by_signature = {}
  for value = 0, BYTES - 1 do
    local signature = {}
    for n, name in ipairs(names) do
      signature[n] = sets[name][value] and "1" or "0"
    end
    local key = concat(signature)
    if not by_signature[key] then
      members[#members + 1] = value
      by_signature[key] = #members
    end
    classes[value] = by_signature[key] - 1
  end
  return classes, members
end


-- For each set, the classes whose bytes are in it
local function classes_in(sets, members)
  local inside = {}
  for name, set in pairs(sets) do
    local list = {}
    for class, value in ipairs(members) do
      if set[value] then
        list[#list + 1] = class
      end
    end
    inside[name] = list
  end
  return inside
end


-- Adds the nodes behind a node to `behind`, by class
local function add_behind(behind, node, inside)
  for name, following in pairs(node.next) do
    for _, class in ipairs(inside[name]) do
      local list = behind[class]
      if not list then
        list = {}
        behind[class] = list
      end
      list[#list + 1] = following
    end
  end
end


-- Puts nodes in order of their numbers and names them by these
local function key_of(nodes)
  sort(nodes, function(a, b) return a.number < b.number end)
  local numbers = {}
  for n, node in ipairs(nodes) do
    numbers[n] = node.number
  end
  return concat(numbers, " ")
end


local function ids_of(nodes)
  local ids = {}
  for _, node in ipairs(nodes) do
    for _, id in ipairs(node.ids or {}) do
      ids[#ids + 1] = id
    end
  end
  sort(ids)
  return #ids > 0 and ids or nil
end


local _M = {}


-- @tparam table beginnings array of strings, see above; its indexes are their ids
-- @treturn table automaton
function _M.new(beginnings)
  local root, sets = tree_of(beginnings)
  local classes, members = classes_of(sets)

  local inside = classes_in(sets, members)

  -- States in order of discovery; number 1 is the one of nothing begun.
  local states = { { nodes = {} } }
  local by_key = { [""] = 1 }
  local function number_of(nodes)
    local key = key_of(nodes)
    local number = by_key[key]
    if not number then
      number = #states + 1
      states[number] = { nodes = nodes, ids = ids_of(nodes) }
      by_key[key] = number
    end
    return number
  end

  -- Whatever has begun, a beginning may begin with the next byte. Few states go on with more than that.
  local begun = {}
  add_behind(begun, root, inside)
  local begun_states = {}
  for class = 1, #members do
    begun_states[class] = number_of(begun[class] or {})
  end

  local done = 0
  while done < #states do
    done = done + 1
    local state = states[done]
    local going_on = {}
    for _, node in ipairs(state.nodes) do
      add_behind(going_on, node, inside)
    end
    state.behind = {}
    for class = 1, #members do
      local nodes = going_on[class]
      if nodes then
        for _, node in ipairs(begun[class] or {}) do
          nodes[#nodes + 1] = node
        end
      end
      state.behind[class] = nodes and number_of(nodes) or begun_states[class]
    end
  end

  -- Those that report something come last, so that one comparison tells.
  local order, places = {}, {}
  for _, reports in ipairs({ false, true }) do
    for n, state in ipairs(states) do
      if (state.ids ~= nil) == reports then
        order[#order + 1] = n
        places[n] = #order - 1
      end
    end
  end

  local width = #members
  local transitions = ffi.new(table_t, #states * width)
  local ids = {}
  local reporting = #states * width
  for place, n in ipairs(order) do
    local row = (place - 1) * width
    for class = 1, width do
      transitions[row + class - 1] = places[states[n].behind[class]] * width
    end
    if states[n].ids then
      ids[row] = states[n].ids
      reporting = math.min(reporting, row)
    end
  end

  return {
    classes = classes,
    transitions = transitions,
    first = transitions[places[1] * width + classes[BEFORE]],
    reporting = reporting,
    ids = ids,
    size = #states,
  }
end


function _M.new_hits(count)
  return ffi.new(hits_t, count)
end


-- Runs over bytes and notes where beginnings end.
-- @tparam cdata p the bytes
-- @tparam number from offset (from 0) of the next byte, @tparam number size how many bytes there are
-- @tparam number state where the run stands; `automaton.first` at the beginning of a text
-- @tparam cdata hits are overwritten: `at`, the offset behind the last byte of beginnings, and `state`:
-- `automaton.ids` of it are those of the beginnings; `from` and `id` are the caller's
-- @tparam number hits_max the run stops when there are so many
-- @treturn number offset of the next byte, @treturn number where the run stands, @treturn number how many hits
function _M.run(automaton, p, from, size, state, hits, hits_max)
  local classes, transitions = automaton.classes, automaton.transitions
  -- All as whole numbers: as what Lua's are otherwise, a byte takes more than twice the time.
  local reporting = tobit(automaton.reporting)
  state = tobit(state)
  local count = 0
  for at = from, size - 1 do
    state = tobit(transitions[tobit(state + classes[p[at]])])
    if state >= reporting then
      hits[count].at = at + 1
      hits[count].state = state
      count = count + 1
      if count == hits_max then
        return at + 1, state, count
      end
    end
  end
  return size, state, count
end


return _M
