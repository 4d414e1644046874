-- Puts the originals back into a text, as a stream: bytes in, bytes out.
--
-- Held back is the longest end of what has come that may still become a
-- placeholder that was issued, and nothing else. What was issued is known, so that this is
-- at most one placeholder long. The work is linear in the size of the text, the
-- memory does not grow with it.
--
-- Placeholders that were not issued stay; they are counted as residual, wherever they
-- are cut. For that the beginning of one may be remembered though it was let go.
--
-- A lane says how an original is written where the placeholder stood, see lanes.lua.
local ffi = require "ffi"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local parser = require "kong.plugins.aws-masker.placeholder_parser"


local concat = table.concat
local ffi_string = ffi.string
local min = math.min
local sub = string.sub


local _M = {}


-- What was found: `restored`, `residual`, `counts` (kind → restored).
function _M.new_figures()
  return { restored = 0, residual = 0, counts = {} }
end


-- @tparam table mapping of the request
-- @tparam table lane see above
-- @tparam table figures gain what is found
-- @treturn table the state of one text; all of it is searched unless `set_budget` is called
function _M.new(mapping, lane, figures)
  return {
    mapping = mapping,
    lane = lane,
    figures = figures,
    budget = math.huge,  -- bytes that are still to be searched
    carry = "",          -- end of what has come: may be the beginning of a placeholder
    let_go = 0,          -- bytes of `carry` that have left already
    within = 0,          -- bytes of `carry` that are within size_max
    done = false,        -- nothing is searched any more
    known = {},          -- placeholder that has come → what it becomes, as { kind, text }
  }
end


-- How many of the bytes that are fed from now on are searched; a placeholder that begins
-- within them is restored whole.
function _M.set_budget(state, size)
  state.budget = size
end


-- Whether the end of what was fed may still become a placeholder.
function _M.is_pending(state)
  return state.carry ~= ""
end


local function count(figures, kind)
  figures.restored = figures.restored + 1
  figures.counts[kind] = (figures.counts[kind] or 0) + 1
end


-- @treturn string|nil what takes the place of the placeholder; nil: it was not issued and stays
local function replacement(state, placeholder, kind, digits)
  local original = mapping_of.original(state.mapping, kind, digits)
  if not original then
    state.figures.residual = state.figures.residual + 1
    return nil
  end

  count(state.figures, kind)
  local text = state.lane:encode(original)
  if not state.lane.quotes then
    state.known[placeholder] = { kind = kind, text = text }
  end
  return text
end


-- Searches `text`, whose first `let_go` bytes have left, for placeholders that begin at
-- `last_start` at most.
local function search(state, text, let_go, last_start, is_last)
  local originals = state.mapping.originals
  local quotes = state.lane.quotes
  local pieces = {}
  local left = let_go + 1   -- offset of the first byte that has not left
  local pos = 1
  local noted = 1           -- offset of the first byte whose quotes are not noted; those of `carry`, which
                            -- has none, are noted twice
  local keep = #text + 1    -- offset from which the text is remembered
  local hold = keep         -- offset from which it is held back

  while true do
    local from = parser.find_head(text, pos)
    if not from then
      if not is_last then
        keep = parser.cut_head(text, pos)
        hold = next(originals) and keep or #text + 1
      end
      break
    end
    if from > last_start then
      break
    end

    local reading, kind, digits, last = parser.read(text, from, originals, is_last)
    if reading == "partial" then
      keep = from
      hold = from
      if not kind then
        -- not this one, but another may begin at its end
        hold = next(originals) and parser.cut_head(text, from + 1) or #text + 1
      end
      break
    end

    pos = from + 1
    if reading == "whole" then
      if quotes then
        noted = quotes:note(text, noted, from - 1)
      end
      local original = replacement(state, sub(text, from, last), kind, digits)
      if original then
        pieces[#pieces + 1] = sub(text, left, from - 1)
        pieces[#pieces + 1] = original
        left = last + 1
      end
      pos = last + 1
    end
  end

  if quotes then
    quotes:note(text, noted, #text)
  end
  if keep > last_start then
    keep = #text + 1
    hold = keep
    state.done = state.budget == 0
  end
  state.carry = sub(text, keep)
  state.let_go = hold - keep
  state.within = min(#state.carry, last_start - keep + 1)
  if left == 1 and hold > #text then
    return text
  end
  pieces[#pieces + 1] = sub(text, left, hold - 1)
  return concat(pieces)
end


-- Takes the first of these bytes that may go to the client as they are, up to the first sign of a placeholder.
-- @tparam cdata p const uint8_t *
-- @treturn number how many; nothing waits behind them
function _M.take(state, p, size)
  if state.done then
    return size
  end
  if state.carry ~= "" or state.lane.quotes or size >= state.budget then
    return 0
  end

  local taken = parser.next_suspect(p, size)
  state.budget = state.budget - taken
  return taken
end


-- Restores the placeholder where `take` stopped, if it has come before.
-- @treturn number|nil its size; nil: nothing was read
-- @treturn string what takes its place
function _M.take_known(state, p, size)
  if state.carry ~= "" or state.lane.quotes or size >= state.budget then
    return nil
  end

  local word_size = parser.word_size(p, size)
  if word_size == size then
    return nil   -- it may go on
  end
  local known = state.known[ffi_string(p, word_size)]
  if not known then
    return nil
  end

  count(state.figures, known.kind)
  state.budget = state.budget - word_size
  return word_size, known.text
end


-- How many bytes `feed` should have where `take` stopped. Any number is right; so many are quick.
function _M.window(state, p, size)
  if state.lane.quotes or size >= state.budget then
    return size
  end
  return min(parser.word_size(p, size) + 1, size)   -- with the one behind, which ends it
end


-- @tparam string chunk bytes of the text, may be empty
-- @tparam boolean is_last no more bytes follow
-- @treturn string the bytes that may go to the client now
function _M.feed(state, chunk, is_last)
  if state.done then
    return chunk
  end

  local carry = state.carry
  local searched = min(#chunk, state.budget)
  state.budget = state.budget - searched

  local text = carry == "" and chunk or carry .. chunk
  local last_start = state.within + searched
  return search(state, text, state.let_go, last_start, is_last)
end


return _M
