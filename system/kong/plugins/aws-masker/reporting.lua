-- What the ledger and the events learn about a request: counts, never text.
local events = require "kong.plugins.aws-masker.events"
local ledger = require "kong.plugins.aws-masker.ledger"


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


-- A response has passed.
-- @tparam table response see response_restoring.lua
function _M.unmasked(conf, ctx, response)
  local restorer = response.restorer
  local restored = restorer and restorer.restored or 0
  local residual = restorer and restorer.residual or 0
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
      patterns = restorer and restorer.counts or {},
      bytes = response.bytes,
      residual = residual,
      truncated = restorer ~= nil and restorer.truncated,
      skipped = response.skipped,
      status = kong.response.get_status(),
    })
  end
end


return _M
