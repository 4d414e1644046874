-- Restores a response body, as a stream: chooses how by the media type.
local content = require "kong.plugins.aws-masker.content"
local event_stream = require "kong.plugins.aws-masker.event_stream"
local json_body = require "kong.plugins.aws-masker.json_body"
local lanes = require "kong.plugins.aws-masker.lanes"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local _M = {}


-- @tparam table mapping of the request
-- @tparam string media_type see content.lua
-- @tparam number size_max bytes that are searched; a placeholder that begins within them is
-- restored whole. math.huge: all
-- @tparam table figures of restorer.lua, gain what is found
-- @treturn table the state of one body; `bytes` that were fed, `truncated`: there were bytes
-- beyond size_max
function _M.new(mapping, media_type, size_max, figures)
  local feed, reader
  local is_empty = mapping_of.is_empty(mapping) -- then nothing is restored, only counted
  if media_type == "text/event-stream" and not is_empty then
    feed, reader = event_stream.feed, event_stream.new(mapping, figures, size_max)

  elseif content.is_json(media_type) and not is_empty then
    feed, reader = json_body.feed, json_body.new(mapping, figures, size_max)

  else
    feed, reader = restorer_of.feed, restorer_of.new(mapping, lanes.plain(), figures)
    restorer_of.set_budget(reader, size_max)
  end

  return { feed_reader = feed, reader = reader, size_max = size_max, bytes = 0, truncated = false }
end


-- @tparam string chunk bytes of the body, may be empty
-- @tparam boolean is_last no more bytes follow
-- @treturn string the bytes that may go to the client now
function _M.feed(state, chunk, is_last)
  state.bytes = state.bytes + #chunk
  state.truncated = state.bytes > state.size_max
  return state.feed_reader(state.reader, chunk, is_last)
end


return _M
