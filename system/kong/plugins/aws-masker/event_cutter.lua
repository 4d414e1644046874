-- Cuts a stream of server-sent events into events as it comes. An event ends with an empty line;
-- lines end in LF, CR LF or CR. See https://html.spec.whatwg.org/multipage/server-sent-events.html
local bytes = require "kong.plugins.aws-masker.bytes"


local byte = string.byte
local find = string.find


local LF, CR = 0x0A, 0x0D


-- Offset (from 0) behind the last event that ends in the bytes; 0 when none does. Lines end in LF.
-- @tparam boolean is_empty whether the bytes begin a line
local function last_end(p, size, is_empty)
  for at = size - 1, 1, -1 do
    if p[at] == LF and p[at - 1] == LF then
      return at + 1
    end
  end
  return is_empty and size > 0 and p[0] == LF and 1 or 0
end


local _M = {}


function _M.new()
  return {
    is_empty = true,     -- nothing of the current line has come
    behind_cr = false,   -- a LF now would belong to the end of the line before
    has_cr = true,       -- lines of the chunk may end in CR
  }
end


-- To be called with each chunk before it is read.
function _M.begin(state, chunk)
  state.has_cr = state.behind_cr or find(chunk, "\r", 1, true) ~= nil
end


-- Takes whole events, of lines that end in LF.
-- @tparam cdata p const uint8_t *
-- @tparam boolean is_all takes also what there is of the event behind them
-- @treturn number|nil offset (from 0) behind the last event that ends in the bytes, 0 when none does; nil: there is a
-- CR in them or before them, nothing was taken
function _M.take(state, p, size, is_all)
  if state.behind_cr or bytes.find(p, 0, size, CR) < size then
    return nil
  end

  local behind = last_end(p, size, state.is_empty)
  if is_all and size > 0 then
    state.is_empty = p[size - 1] == LF
  elseif behind > 0 then
    state.is_empty = true
  end
  return behind
end


-- How many bytes there are up to the first end of an event behind `from` whose lines end in LF; `size` when none is
-- found.
function _M.events_size(p, from, size)
  local at = bytes.find(p, from, size, LF)
  while at + 1 < size do
    if p[at + 1] == LF then
      return at + 2
    end
    at = bytes.find(p, at + 1, size, LF)
  end
  return size
end


-- Takes the LF of a CR LF that ended an event and was cut. To be called between two events.
-- @treturn number offset behind it, or 1
function _M.skip_line_feed(state, chunk)
  if state.behind_cr and byte(chunk) == LF then
    state.behind_cr = false
    return 2
  end
  return 1
end


-- As `find_end`, where no line ends in CR.
local function find_empty_line(state, chunk, pos)
  if state.is_empty and byte(chunk, pos) == LF then
    return pos
  end

  local at = find(chunk, "\n\n", pos, true)
  if at then
    state.is_empty = true
    return at + 1
  end
  if pos <= #chunk then
    state.is_empty = byte(chunk, #chunk) == LF
  end
end


-- Reads on from `pos`.
-- @treturn number|nil offset of the last byte of the current event; nil when the chunk ends before.
-- One that ends in CR LF may end with the CR, see `skip_line_feed`.
function _M.find_end(state, chunk, pos)
  if not state.has_cr then
    return find_empty_line(state, chunk, pos)
  end

  while true do
    local at = find(chunk, "[\r\n]", pos)
    if at ~= pos and pos <= #chunk then
      state.is_empty = false
      state.behind_cr = false
    end
    if not at then
      return nil
    end

    local is_cr = byte(chunk, at) == CR
    pos = at + 1
    if is_cr or not state.behind_cr then
      local is_end = state.is_empty
      state.is_empty = true
      state.behind_cr = is_cr
      if is_end then
        if is_cr and byte(chunk, pos) == LF then
          state.behind_cr = false
          return pos
        end
        return at
      end

    else
      state.behind_cr = false
    end
  end
end


return _M
