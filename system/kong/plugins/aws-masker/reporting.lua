-- What the ledger and the events learn about a request: counts, never text.
local events = require "kong.plugins.aws-masker.events"
local ledger = require "kong.plugins.aws-masker.ledger"
local restorer = require "kong.plugins.aws-masker.restorer"


local kong = kong


local _M = {}


local function name_of(entity)
  return entity and (entity.name or entity.id)
end


local function emit(conf, ctx, event_type, details)
  events.emit(conf, event_type, {
    request_id = ctx.request_id,
    service = name_of(kong.router.get_service()),
    route = name_of(kong.router.get_route()),
    details = details,
  })
end


-- A request is masked and goes on.
-- @tparam table request { mapping, bytes, elapsed_ms }
function _M.masked(conf, ctx, request)
  local mapping = request.mapping
  if mapping.total > 0 then
    ledger.add("masked_requests")
    ledger.add("identifiers_masked", mapping.total)
  end

  ctx.is_sampled = events.sampled(conf, ctx.request_id)
  if ctx.is_sampled then
    emit(conf, ctx, "data_masked", {
      action = "mask",
      processing_time_ms = request.elapsed_ms,
      pattern_count = mapping.total,
      patterns = mapping.counts,
      bytes = request.bytes,
    })
  end
end


-- What becomes known of a response: `bytes` that passed, `elapsed_ms` that restoring took,
-- `figures` of restorer.lua, `body` (nil, or the state of response_body.lua), `skipped`: why its body
-- passed as it was (nil: it did not).
function _M.new_response()
  return { bytes = 0, elapsed_ms = 0, figures = restorer.new_figures(), given_up_bytes = 0, largest_piece = 0 }
end


-- A response has passed.
function _M.unmasked(conf, ctx, response)
  local figures = response.figures
  local restored, residual = figures.restored, figures.residual
  if restored + residual > 0 then
    ledger.add("placeholders_seen", restored + residual)
    ledger.add("placeholders_restored", restored)
    ledger.add("placeholders_residual", residual)
  end
  if response.skipped then
    ledger.add("responses_skipped." .. response.skipped)
  end

  if ctx.is_sampled then
    emit(conf, ctx, "data_unmasked", {
      action = "unmask",
      processing_time_ms = response.elapsed_ms,
      pattern_count = restored,
      patterns = figures.counts,
      bytes = response.bytes,
      residual = residual,
      truncated = response.body ~= nil and response.body.truncated,
      skipped = response.skipped,
      status = kong.response.get_status(),
    })
  end
end


return _M
