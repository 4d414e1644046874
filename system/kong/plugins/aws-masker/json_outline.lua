-- Reads a JSON body of the Messages API as it comes, just far enough to know where the strings
-- stand that must pass as the upstream sent them: those of thinking blocks, which are the
-- members "thinking", "signature" and "data" of the elements of the top level's "content".
-- What is no JSON is read as something; nothing but such strings depends on it.
--
-- All offsets are from 0.
local bytes = require "kong.plugins.aws-masker.bytes"
local ffi = require "ffi"


local ffi_string = ffi.string
local min = math.min


local OPAQUE = { thinking = true, signature = true, data = true }
local KEY_SIZE_MAX = #"signature"

-- Where blocks stand: { "content": [ {
local BLOCK_DEPTH = 3

local BACKSLASH, QUOTE = 0x5C, 0x22
local OBJECT, ARRAY, OBJECT_END, ARRAY_END, COMMA, COLON = 0x7B, 0x5B, 0x7D, 0x5D, 0x2C, 0x3A

local is_mark = ffi.new("uint8_t[256]")
for _, mark in ipairs({ QUOTE, OBJECT, ARRAY, OBJECT_END, ARRAY_END, COMMA, COLON }) do
  is_mark[mark] = 1
end


local _M = {}


function _M.new()
  return {
    depth = 0,
    containers = {},        -- first byte by depth, as far as blocks
    in_content = false,     -- inside the array
    expects_key = false,
    key = "",               -- the member that the next value belongs to; too long ones are cut
    in_string = false,
    is_key = false,         -- the string is a key
    is_opaque = false,      -- the string passes as it is
    is_escaped = false,     -- the chunk before ended within an escape
  }
end


-- As `find_end`, where a backslash may stand before the next quote.
local function find_end_behind_escapes(state, p, size, pos)
  local from = pos
  while true do
    local at = bytes.find(p, from, size, QUOTE)
    local first = at - 1
    while first >= pos and p[first] == BACKSLASH do
      first = first - 1
    end
    local is_escaped = (at - 1 - first) % 2 == 1
    if first < pos and state.is_escaped then
      is_escaped = not is_escaped
    end

    if at == size then
      state.is_escaped = is_escaped
      return nil
    end
    if not is_escaped then
      state.is_escaped = false
      return at
    end
    from = at + 1
  end
end


-- Offset of the quote that ends the string in which `pos` stands; nil when the chunk ends before. Without loops,
-- so that it is compiled as a part of what calls it.
local function find_end(state, p, size, pos)
  local at = bytes.find(p, pos, size, QUOTE)
  if at == size or state.is_escaped or (at > pos and p[at - 1] == BACKSLASH) then
    return find_end_behind_escapes(state, p, size, pos)
  end
  return at
end


local function open(state, mark)
  local depth = state.depth + 1
  state.depth = depth
  if depth <= BLOCK_DEPTH then
    state.containers[depth] = mark
    if depth == BLOCK_DEPTH - 1 then
      state.in_content = mark == ARRAY and state.containers[1] == OBJECT and state.key == "content"
    end
  end
  state.expects_key = mark == OBJECT
end


local function close(state)
  state.depth = state.depth - 1
  state.expects_key = false
end


-- Offset behind what stands between strings: that of the quote that begins the next, or nil.
local function skip_marks(state, p, size, pos)
  while pos < size do
    while pos < size and is_mark[p[pos]] == 0 do
      pos = pos + 1
    end
    if pos == size then
      break
    end

    local mark = p[pos]
    if mark == QUOTE then
      return pos
    elseif mark == OBJECT or mark == ARRAY then
      open(state, mark)
    elseif mark == OBJECT_END or mark == ARRAY_END then
      close(state)
    elseif mark == COMMA then
      state.expects_key = state.containers[state.depth] == OBJECT
    else
      state.expects_key = false
    end
    pos = pos + 1
  end
end


local function begin_string(state)
  state.in_string = true
  state.is_key = state.expects_key and state.depth <= BLOCK_DEPTH
  state.is_opaque = not state.is_key and state.depth == BLOCK_DEPTH and state.in_content
                    and state.containers[BLOCK_DEPTH] == OBJECT and OPAQUE[state.key] == true
  if state.is_key then
    state.key = ""
  end
end


-- See next_opaque; with `goes_on`, it reads over those strings too.
local function read(state, p, size, pos, goes_on)
  while pos < size do
    if not state.in_string then
      local quote = skip_marks(state, p, size, pos)
      if not quote then
        break
      end
      begin_string(state)
      pos = quote + 1
    end

    local last = find_end(state, p, size, pos)
    local behind = last or size
    if state.is_key and #state.key <= KEY_SIZE_MAX then
      state.key = state.key .. ffi_string(p + pos, min(behind - pos, KEY_SIZE_MAX + 1))
    end
    state.in_string = last == nil
    if state.is_opaque and not goes_on then
      return pos, behind
    end
    pos = behind + 1
  end
  return size, size
end


-- Reads on from `pos`.
-- @tparam cdata p const uint8_t *: the chunk
-- @treturn number offset of the first byte of a string that must pass as it is; behind the chunk
-- when none begins
-- @treturn number offset behind what of it is in the chunk. The quote that ends it is read already.
function _M.next_opaque(state, p, size, pos)
  return read(state, p, size, pos, false)
end


-- Reads a chunk to its end.
function _M.skip(state, p, size)
  read(state, p, size, 0, true)
end


return _M
