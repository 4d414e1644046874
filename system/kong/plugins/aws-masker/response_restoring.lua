-- The phases of the response: restores what the upstream answered, piece by piece. Nothing
-- here yields. Answers that do not come from the upstream pass.
local bytes = require "kong.plugins.aws-masker.bytes"
local clock = require "kong.plugins.aws-masker.clock"
local content = require "kong.plugins.aws-masker.content"
local lanes = require "kong.plugins.aws-masker.lanes"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local reporting = require "kong.plugins.aws-masker.reporting"
local request_id = require "kong.plugins.aws-masker.request_id"
local response_body = require "kong.plugins.aws-masker.response_body"
local response_piece = require "kong.plugins.aws-masker.response_piece"
local restorer_of = require "kong.plugins.aws-masker.restorer"


local kong = kong
local math_huge = math.huge
local max = math.max
local ngx = ngx
local pairs = pairs
local tonumber = tonumber
local type = type


-- nginx writes these itself
local NOT_SEARCHED = {
  ["connection"] = true,
  ["content-length"] = true,
  ["content-type"] = true,
  ["transfer-encoding"] = true,
}

local HEADERS_MAX = 1000

-- See replace_piece
local GIVEN_UP_BYTES_MAX = 256 * 1024
local BUFFER_BYTES = 128    -- what nginx needs for a buffer besides its text


local _M = {}


local function restore_text(ctx, text)
  local restorer = restorer_of.new(ctx.mapping, lanes.plain(), ctx.response.figures)
  return restorer_of.feed(restorer, text, true)
end


local function restore_headers(ctx, headers)
  local figures = ctx.response.figures
  for name, value in pairs(headers) do
    if not NOT_SEARCHED[name:lower()] then
      local before = figures.restored
      local restored
      if type(value) == "table" then
        restored = {}
        for n = 1, #value do
          restored[n] = restore_text(ctx, value[n])
        end
      else
        restored = restore_text(ctx, value)
      end
      if figures.restored > before then
        ngx.header[name] = restored
      end
    end
  end
end


local function has_body()
  local status = kong.response.get_status()
  return kong.request.get_method() ~= "HEAD" and status ~= 204 and status ~= 304
end


-- Why the body passes as it is; nil when it is to be restored.
local function reason_to_skip(headers, size_max)
  if not content.is_identity(headers["content-encoding"]) then
    return "encoding"
  end

  local size = tonumber(headers["content-length"])
  if size and size > size_max then
    return "too_large"
  end
end


function _M.on_headers(conf, ctx)
  if ctx.shows_request_id then
    request_id.show(ctx.request_id)
  end
  if not ctx.mapping then
    return -- refused, or another plugin answered before
  end

  local response = reporting.new_response()
  ctx.response = response
  if kong.response.get_source() ~= "service" then
    return
  end

  local started_ms = clock.now_ms()
  local headers = ngx.resp.get_headers(HEADERS_MAX)
  local size_max = conf.max_response_size > 0 and conf.max_response_size or math_huge
  restore_headers(ctx, headers)

  if has_body() then
    response.skipped = reason_to_skip(headers, size_max)
    if not response.skipped then
      local media_type = content.media_type(headers["content-type"])
      response.body = response_body.new(ctx.mapping, media_type, size_max, response.figures)
      if not mapping_of.is_empty(ctx.mapping) then
        kong.response.clear_header("Content-Length")
      end
    end
  end
  response.elapsed_ms = clock.now_ms() - started_ms
end


-- Replaces the piece that the filter was given.
--
-- For a piece that becomes empty, ngx_lua sends an empty buffer down, which it takes for sent at once and uses again
-- for the next text, also while nginx still waits for the client to take what stands before: that text would be sent
-- a second time, as if it were no chunk of its own. So the next text does not get that buffer: it is taken once more,
-- for nothing, and then is never used again. What this costs in memory until the response ends is bounded.
-- @tparam table restored see byte_buffer.lua
local function replace_piece(response, restored)
  local size = restored.size
  if size == 0 then
    response.is_emptied = true
    ngx.arg[1] = ""
    return
  end

  if response.is_emptied and response.given_up_bytes < GIVEN_UP_BYTES_MAX then
    response.is_emptied = false
    response.given_up_bytes = response.given_up_bytes + response.largest_piece + BUFFER_BYTES
    ngx.arg[1] = ""
  end
  response.largest_piece = max(response.largest_piece, size)
  response_piece.replace(restored.bytes, size)
end


function _M.on_body(ctx)
  local response = ctx.response
  if not response then
    return
  end

  local p, size = response_piece.bytes()
  if not p then
    local chunk = ngx.arg[1] or ""
    response.chunk = chunk   -- keeps the bytes where they are
    p, size = bytes.of(chunk), #chunk
  end
  response.bytes = response.bytes + size
  if not response.body then
    return
  end

  local started_ms = clock.now_ms()
  local restored = response_body.restore(response.body, p, size, ngx.arg[2])
  if restored then
    replace_piece(response, restored)
  end
  response.elapsed_ms = response.elapsed_ms + (clock.now_ms() - started_ms)
end


function _M.on_end(conf, ctx)
  if ctx.mapping then
    reporting.unmasked(conf, ctx, ctx.response or reporting.new_response())
  end
end


return _M
