-- Restores a response body, as a stream: chooses how by the media type.
local byte_buffer = require "kong.plugins.aws-masker.byte_buffer"
local bytes = require "kong.plugins.aws-masker.bytes"
local content = require "kong.plugins.aws-masker.content"
local ffi = require "ffi"
local event_stream = require "kong.plugins.aws-masker.event_stream"
local json_body = require "kong.plugins.aws-masker.json_body"
local lanes = require "kong.plugins.aws-masker.lanes"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local ffi_string = ffi.string
local put = byte_buffer.put


-- One for all responses: it is read before another piece is restored.
local out = byte_buffer.new()


local _M = {}


-- @tparam table mapping of the request
-- @tparam string media_type see content.lua
-- @tparam number size_max bytes that are searched; a placeholder that begins within them is
-- restored whole. math.huge: all
-- @tparam table figures of restorer.lua, gain what is found
-- @treturn table the state of one body; `bytes` that were fed, `truncated`: there were bytes
-- beyond size_max
function _M.new(mapping, media_type, size_max, figures)
  local way, reader
  local is_empty = mapping_of.is_empty(mapping) -- then nothing is restored, only counted
  if media_type == "text/event-stream" and not is_empty then
    way, reader = event_stream, event_stream.new(mapping, figures, size_max)

  elseif content.is_json(media_type) and not is_empty then
    way, reader = json_body, json_body.new(mapping, figures, size_max)

  else
    way, reader = restorer_of, restorer_of.new(mapping, lanes.plain(), figures)
    restorer_of.set_budget(reader, size_max)
  end

  return { way = way, reader = reader, size_max = size_max, bytes = 0, truncated = false }
end


-- @tparam cdata p const uint8_t *: bytes of the body
-- @treturn table|nil the bytes that may go to the client now, see byte_buffer.lua, to be used before the next call;
-- nil: those that came, as they are
function _M.restore(state, p, size, is_last)
  state.bytes = state.bytes + size
  state.truncated = state.bytes > state.size_max

  local way, reader = state.way, state.reader
  local is_changed = false
  local left = 0   -- offset of the first byte that has not left
  local pos = way.take(reader, p, size)
  while pos < size or is_last do
    local ends = false
    local window, restored = way.take_known(reader, p + pos, size - pos)
    if not window then
      window = pos < size and way.window(reader, p + pos, size - pos) or 0
      ends = is_last and pos + window == size
      local text = ffi_string(p + pos, window)
      restored = way.feed(reader, text, ends)
      if restored == text then
        restored = nil
      end
    end
    if restored then
      if not is_changed then
        is_changed = true
        byte_buffer.clear(out)
      end
      put(out, p + left, pos - left)
      put(out, restored, #restored)
      left = pos + window
    end
    if ends then
      break
    end

    pos = pos + window
    pos = pos + way.take(reader, p + pos, size - pos)
  end

  if is_changed then
    put(out, p + left, size - left)
    return out
  end
end


-- As `restore`, for a string.
-- @tparam string chunk bytes of the body, may be empty
-- @tparam boolean is_last no more bytes follow
-- @treturn string the bytes that may go to the client now
function _M.feed(state, chunk, is_last)
  local restored = _M.restore(state, bytes.of(chunk), #chunk, is_last)
  return restored and byte_buffer.text(restored) or chunk
end


return _M
