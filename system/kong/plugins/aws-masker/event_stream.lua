-- Restores a stream of server-sent events as the Messages API sends it, event by event. In one that
-- holds text of a content block only that text changes; blocks of thinking pass as they
-- came; all other events are restored as JSON.
--
-- An event is taken when it is whole, which is when a client can read it. Those that are not of the API go
-- through byte by byte, and so does one that is too large, behind what the lanes held back. Where no lane waits, what
-- has no sign of a placeholder leaves as it comes; what has left of an event is remembered until the event ends.
local bytes = require "kong.plugins.aws-masker.bytes"
local clean_events = require "kong.plugins.aws-masker.clean_events"
local cutter = require "kong.plugins.aws-masker.event_cutter"
local delta_lanes = require "kong.plugins.aws-masker.delta_lanes"
local event_data = require "kong.plugins.aws-masker.event_data"
local ffi = require "ffi"
local lanes_of = require "kong.plugins.aws-masker.lanes"
local quoting = require "kong.plugins.aws-masker.quoting"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local concat = table.concat
local ffi_string = ffi.string
local find = string.find
local max = math.max
local min = math.min
local sub = string.sub


-- A larger event is not kept whole.
local EVENT_SIZE_MAX = 1024 * 1024

-- See `window`
local WINDOW_MIN = 256
local WINDOW_MAX = 8192

-- They pass as they came; so do the deltas that bring them.
local OPAQUE = {
  thinking = true,
  redacted_thinking = true,
  thinking_delta = true,
  signature_delta = true,
}

-- Behind these no lane goes on.
local ENDS = {
  message_start = true,
  message_stop = true,
  error = true,
}


local _M = {}


-- @tparam table mapping of the request
-- @tparam table figures of restorer.lua, gain what is found
-- @tparam number size_max bytes that are searched; a placeholder that begins within them is
-- restored whole. math.huge: all
-- @treturn table the state of one response
function _M.new(mapping, figures, size_max)
  return {
    mapping = mapping,
    figures = figures,
    left = size_max,   -- bytes that are still to be searched, negative behind the limit
    lanes = delta_lanes.new(mapping, figures),
    cutter = cutter.new(),
    raw = nil,         -- restorer of the current event, if that goes through byte by byte
    begun = {},        -- else: what has come of it
    begun_size = 0,
    gone = 0,          -- how many of its bytes have left; they are taken off what is put
    is_kept = false,   -- the event is known to be one of the API
    out = nil,         -- what leaves at the end of a call
    passes = false,    -- nothing is restored any more
    window = 0,        -- bytes behind which the next window ends with an event
    knows_quotes = not quoting.is_needed(mapping),   -- no lane needs to see all of its text
  }
end


local function put(state, text)
  local gone = min(state.gone, #text)
  if gone > 0 then
    state.gone = state.gone - gone
    text = sub(text, gone + 1)
  end
  if text ~= "" then
    state.out[#state.out + 1] = text
  end
end


local function put_raw(state, piece, is_last)
  if not state.raw then
    state.raw = restorer_of.new(state.mapping, lanes_of.json(state.mapping), state.figures)
  end
  restorer_of.set_budget(state.raw, max(state.left, 0))
  state.left = state.left - #piece
  put(state, restorer_of.feed(state.raw, piece, is_last))
end


local function put_unchanged(state, piece)
  state.left = state.left - #piece
  put(state, piece)
end


-- What stands in an event beside its text: hardly ever a placeholder.
local function put_rest(state, piece, lane_of)
  if not find(piece, "AWS_", 1, true) then
    put_unchanged(state, piece)
    return
  end

  state.raw = restorer_of.new(state.mapping, lane_of(state.mapping), state.figures)
  put_raw(state, piece, true)
end


-- The part of an event that goes into a lane; nil when there is none.
-- @treturn table|nil first, last: the text between its quotes
-- @treturn string its kind, as a delta
local function lane_text(data)
  local delta_type = data.part.type
  if data.type == "content_block_start" and delta_type == "text" then
    delta_type = "text_delta"
  elseif data.type ~= "content_block_delta" then
    return nil
  end

  local member = delta_lanes.member_of(delta_type)
  return member and data.part[member], delta_type
end


local function on_block(state, event, data)
  if OPAQUE[data.part.type] then
    put_unchanged(state, event)
    return
  end

  local span, delta_type = lane_text(data)
  if not span then
    put_raw(state, event, true)
    return
  end

  local text = sub(event, span.first + 1, span.last)
  local budget = max(state.left - span.first, 0)
  local restored, before = delta_lanes.feed(state.lanes, data.index, delta_type, text, budget, event)
  put(state, before)
  if restored == text and not find(event, "AWS_", 1, true) then
    put_unchanged(state, event)
    return
  end

  put_rest(state, sub(event, 1, span.first), lanes_of.json)
  put(state, restored)
  state.left = state.left - #text
  put_rest(state, sub(event, span.last + 1), lanes_of.json_string)
end


local function on_event(state, event)
  local data
  if event_data.is_foreign(event) == false then
    if #event > EVENT_SIZE_MAX then
      put(state, delta_lanes.close_all(state.lanes))
    else
      data = event_data.read(event)
    end
  end
  if not data then
    put_raw(state, event, true)
    return
  end

  if ENDS[data.type] then
    put(state, delta_lanes.close_all(state.lanes))
  elseif data.index and data.type ~= "content_block_delta" then
    put(state, delta_lanes.close(state.lanes, data.index)) -- a stop, or a start without one before
  end

  if data.index and data.part then
    on_block(state, event, data)
  else
    put_raw(state, event, true)
  end
end


-- The current event is another one from here on.
local function begin_event(state)
  state.raw = nil
  state.is_kept = false
  state.gone = 0
  if state.begun_size > 0 then
    state.begun = {}
    state.begun_size = 0
  end
end


local function remember(state, piece)
  state.begun[#state.begun + 1] = piece
  state.begun_size = state.begun_size + #piece
end


-- Whether nothing that has come waits for what follows.
local function is_idle(state)
  return state.knows_quotes and not delta_lanes.is_pending(state.lanes)
end


local function is_clean(text)
  return clean_events.next_suspect(bytes.of(text), #text) == #text
end


local function end_event(state, piece)
  if state.raw then
    put_raw(state, piece, true)

  elseif state.begun_size > 0 then
    remember(state, piece)
    on_event(state, concat(state.begun))

  else
    on_event(state, piece)
  end
  begin_event(state)
end


-- Takes a piece of an event that goes on in the next chunk.
local function go_on(state, piece)
  if state.raw then
    put_raw(state, piece, false)
    return
  end

  local may_go = state.gone == state.begun_size and is_idle(state)
  remember(state, piece)
  local begun = state.begun

  if not state.is_kept then
    local head = concat(begun)
    local is_foreign = event_data.is_foreign(head)
    if is_foreign then
      put_raw(state, head, false)
      return
    end
    state.is_kept = is_foreign == false
  end

  if state.begun_size > EVENT_SIZE_MAX then
    put(state, delta_lanes.close_all(state.lanes))
    put_raw(state, concat(begun), false)

  elseif may_go and state.begun_size < state.left and is_clean(piece) then
    state.out[#state.out + 1] = piece
    state.gone = state.begun_size
  end
end


-- The stream has ended, perhaps within an event.
local function finish(state)
  if state.raw then
    put_raw(state, "", true)
    local held = delta_lanes.close_all(state.lanes)
    if held ~= "" then
      put(state, "\n\n") -- else the event that broke off would swallow it
      put(state, held)
    end
    return
  end

  put(state, delta_lanes.close_all(state.lanes))
  if state.begun_size > 0 then
    put_raw(state, concat(state.begun), true)
  end
end


-- Takes the first of these bytes that may go to the client as they are.
-- @tparam cdata p const uint8_t *
-- @treturn number how many; nothing waits behind them
function _M.take(state, p, size)
  if state.passes then
    return size
  end
  local begun_size = state.begun_size
  if state.raw or state.gone ~= begun_size or begun_size + size >= min(state.left, EVENT_SIZE_MAX)
     or not is_idle(state)
  then
    return 0
  end

  local clean = clean_events.next_suspect(p, size)
  local behind = cutter.take(state.cutter, p, clean, clean == size)
  if not behind then
    return 0
  end
  if behind > 0 then
    state.left = state.left - begun_size - behind
    state.window = 0
    begin_event(state)
  end
  if clean < size or behind == size then
    return behind
  end

  remember(state, ffi_string(p + behind, size - behind))
  state.gone = state.begun_size
  return size
end


-- What it would restore is an event, not a placeholder.
function _M.take_known()
  return nil
end


-- How many bytes `feed` should have where `take` stopped: up to the end of an event, of more and more events while
-- nothing can be taken between them. Any number is right; so many are quick.
function _M.window(state, p, size)
  if not state.knows_quotes then
    return size
  end
  local from = state.window
  state.window = min(from * 2 + WINDOW_MIN, WINDOW_MAX)
  return cutter.events_size(p, from, size)
end


-- @tparam string chunk bytes of the stream, may be empty
-- @tparam boolean is_last no more bytes follow
-- @treturn string the bytes that may go to the client now
function _M.feed(state, chunk, is_last)
  if state.passes then
    return chunk
  end

  state.out = {}
  cutter.begin(state.cutter, chunk)
  local pos = 1
  if state.begun_size == 0 and not state.raw then
    pos = cutter.skip_line_feed(state.cutter, chunk)
    put_unchanged(state, sub(chunk, 1, pos - 1))
  end
  while pos <= #chunk do
    local last = cutter.find_end(state.cutter, chunk, pos)
    if not last then
      go_on(state, sub(chunk, pos))
      break
    end

    end_event(state, sub(chunk, pos, last))
    pos = last + 1
    if state.left <= 0 and not delta_lanes.is_pending(state.lanes) then
      state.passes = true
      put(state, sub(chunk, pos))
      return concat(state.out)
    end
  end

  if is_last then
    finish(state)
  end
  return concat(state.out)
end


return _M
