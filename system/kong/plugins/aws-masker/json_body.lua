-- Restores a JSON body, as a stream. Thinking blocks pass as the upstream sent them: their
-- signature is over their bytes.
local bytes = require "kong.plugins.aws-masker.bytes"
local json_outline = require "kong.plugins.aws-masker.json_outline"
local lanes = require "kong.plugins.aws-masker.lanes"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local concat = table.concat
local max = math.max
local sub = string.sub


local _M = {}


-- Arguments and results of all are those of event_stream.lua.
function _M.new(mapping, figures, size_max)
  return {
    restorer = restorer_of.new(mapping, lanes.json(mapping), figures),
    outline = json_outline.new(),
    left = size_max,   -- bytes that are still to be searched, negative behind the limit
  }
end


local function restore(state, piece, is_last)
  restorer_of.set_budget(state.restorer, max(state.left, 0))
  state.left = state.left - #piece
  return restorer_of.feed(state.restorer, piece, is_last)
end


function _M.take(state, p, size)
  local restorer = state.restorer
  restorer_of.set_budget(restorer, max(state.left, 0))
  local taken = restorer_of.take(restorer, p, size)
  state.left = state.left - taken
  if not restorer.done then
    json_outline.skip(state.outline, p, taken)
  end
  return taken
end


function _M.take_known(state, p, size)
  local outline = state.outline
  if outline.is_opaque then
    return nil
  end

  restorer_of.set_budget(state.restorer, max(state.left, 0))
  local taken, text = restorer_of.take_known(state.restorer, p, size)
  if taken then
    state.left = state.left - taken
    json_outline.skip(outline, p, taken)
  end
  return taken, text
end


function _M.window(state, p, size)
  return restorer_of.window(state.restorer, p, size)
end


function _M.feed(state, chunk, is_last)
  if state.restorer.done then
    return chunk
  end

  local size = #chunk
  local p = bytes.of(chunk)
  local pieces = {}
  local left = 0   -- offset of the first byte that has not left
  local pos = 0    -- offset from which the outline goes on
  while true do
    local first, behind = json_outline.next_opaque(state.outline, p, size, pos)
    if first == size then
      if left == 0 then
        return restore(state, chunk, is_last)
      end
      pieces[#pieces + 1] = restore(state, sub(chunk, left + 1), is_last)
      return concat(pieces)
    end

    -- The quote before resolves what was held back.
    pieces[#pieces + 1] = restore(state, sub(chunk, left + 1, first), false)
    pieces[#pieces + 1] = sub(chunk, first + 1, behind)
    state.left = state.left - (behind - first)
    left = behind
    pos = behind + 1
  end
end


return _M
