-- The texts of a stream's content blocks, one lane each: a placeholder that the upstream's deltas cut
-- is restored in its lane. What a lane holds back goes before the next delta's text; a lane
-- that ends gives it as a delta of its own.
local lanes_of = require "kong.plugins.aws-masker.lanes"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local concat = table.concat
local find = string.find
local ipairs = ipairs
local remove = table.remove


-- Blocks that are open at once. The API opens one after another.
local LANES_MAX = 64

-- Kinds of delta: the member that holds the text, and how originals are written in it
local KINDS = {
  text_delta = { member = "text", lane = lanes_of.json_string },
  input_json_delta = { member = "partial_json", lane = lanes_of.json_in_json_string },
}


local _M = {}


-- @treturn table the lanes of one response
function _M.new(mapping, figures)
  return { mapping = mapping, figures = figures, open = {} }
end


-- The member of a delta of that type which holds text; nil: it holds none
function _M.member_of(delta_type)
  local kind = KINDS[delta_type]
  return kind and kind.member
end


local function position_of(state, index)
  for n, lane in ipairs(state.open) do
    if lane.index == index then
      return n
    end
  end
end


-- Ends a lane. What it held back comes as an event in the manner of the lane's last one.
local function close_at(state, position)
  local lane = remove(state.open, position)
  local text = restorer_of.feed(lane.restorer, "", true)
  if text == "" then
    return ""
  end

  local line_end = lane.line_end
  return concat({
    lane.is_named and "event: content_block_delta" .. line_end or "",
    'data: {"type":"content_block_delta","index":', lane.index,
    ',"delta":{"type":"', lane.delta_type, '","', KINDS[lane.delta_type].member, '":"', text, '"}}',
    line_end, line_end,
  })
end


-- Restores the text of one delta.
-- @tparam string index of the block, as it is written
-- @tparam string delta_type see KINDS
-- @tparam string text between the quotes
-- @tparam number budget bytes of it that are searched
-- @tparam string event that it came in
-- @treturn string the text that takes its place
-- @treturn string events that go before
function _M.feed(state, index, delta_type, text, budget, event)
  local before = ""
  local position = position_of(state, index)
  local lane = position and state.open[position]
  if lane and lane.delta_type ~= delta_type then
    before = close_at(state, position)
    lane = nil
  end

  if not lane then
    if #state.open == LANES_MAX then
      before = before .. close_at(state, 1)
    end
    lane = {
      index = index,
      delta_type = delta_type,
      restorer = restorer_of.new(state.mapping, KINDS[delta_type].lane(state.mapping), state.figures),
    }
    state.open[#state.open + 1] = lane
  end

  restorer_of.set_budget(lane.restorer, budget)
  local restored = restorer_of.feed(lane.restorer, text, false)
  if restorer_of.is_pending(lane.restorer) then
    lane.line_end = find(event, "\r\n", 1, true) and "\r\n" or find(event, "\n", 1, true) and "\n" or "\r"
    lane.is_named = find(event, "^event:") ~= nil or find(event, "[\r\n]event:") ~= nil
  end
  return restored, before
end


-- Ends the lane of a block.
-- @treturn string events with what was held back; "" when nothing was
function _M.close(state, index)
  local position = position_of(state, index)
  return position and close_at(state, position) or ""
end


-- Ends all lanes, in the order in which they began. Result as that of `close`.
function _M.close_all(state)
  local events = {}
  while state.open[1] do
    events[#events + 1] = close_at(state, 1)
  end
  return concat(events)
end


-- Whether a lane waits for the rest of a placeholder.
function _M.is_pending(state)
  for n = 1, #state.open do
    if restorer_of.is_pending(state.open[n].restorer) then
      return true
    end
  end
  return false
end


return _M
