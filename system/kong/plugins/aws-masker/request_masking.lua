-- The access phase: reads the request, masks all of it, and hands it on. What can't be
-- masked is refused, also when the reason is an error in this code.
local catalogue = require "kong.plugins.aws-masker.catalogue"
local clock = require "kong.plugins.aws-masker.clock"
local content = require "kong.plugins.aws-masker.content"
local ledger = require "kong.plugins.aws-masker.ledger"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local masker = require "kong.plugins.aws-masker.masker"
local refusal = require "kong.plugins.aws-masker.refusal"
local reporting = require "kong.plugins.aws-masker.reporting"
local request_body = require "kong.plugins.aws-masker.request_body"
local request_id = require "kong.plugins.aws-masker.request_id"
local request_target = require "kong.plugins.aws-masker.request_target"


local find = string.find
local kong = kong
local ngx = ngx
local pcall = pcall
local tonumber = tonumber


-- More would not be looked at; nginx takes fewer than that by default
-- (large_client_header_buffers).
local HEADERS_MAX = 1000

local FORM = "application/x-www-form-urlencoded"


local _M = {}


-- @treturn string|nil the masked body
-- @treturn nil|string the reason of a refusal
-- @treturn nil|string what to log
local function mask_body(body, content_type, rules, mapping)
  local media_type = content.media_type(content_type)
  local is_declared_json = content.is_json(media_type)
  local masked, err, is_not_json

  -- Who declares another type may still send JSON, and the upstream may read it as such:
  -- its escapes must not hide anything.
  if is_declared_json or find(body, "^%s*[%[{]") then
    masked, err, is_not_json = masker.mask_json(body, rules, mapping)
    if masked then
      return masked
    end
    if not is_not_json then
      return nil, "scan", err
    end
    if is_declared_json then
      return nil, "not_json", err
    end
  end

  if media_type == FORM then
    masked, err = masker.mask_percent_encoded(body, rules, mapping)
  else
    masked, err = masker.mask_plain(body, rules, mapping)
  end
  if not masked then
    return nil, "scan", err
  end
  return masked
end


-- Reads, masks and sets body and target.
-- @treturn table|nil figures of the request: { mapping, bytes, elapsed_ms }
-- @treturn nil|string the reason of a refusal
-- @treturn nil|string what to log
local function mask_request(conf)
  local headers, headers_err = ngx.req.get_headers(HEADERS_MAX)
  if headers_err then
    return nil, "scan", "could not look at all headers: " .. headers_err
  end

  local content_type = headers["content-type"]
  if not content.is_identity(headers["content-encoding"]) or not content.has_searchable_charset(content_type) then
    return nil, "encoding"
  end

  local body, reason, err = request_body.read(tonumber(headers["content-length"]), conf.max_request_size)
  if not body then
    return nil, reason, err
  end

  local started_ms = clock.now_ms() -- from here on nothing yields
  local rules = catalogue.enabled(conf)
  local mapping = mapping_of.new()

  if body ~= "" then
    local masked
    masked, reason, err = mask_body(body, content_type, rules, mapping)
    if not masked then
      return nil, reason, err
    end
    if masked ~= body then
      kong.service.request.set_raw_body(masked)
    end
  end

  local ok
  ok, err = request_target.mask(headers, rules, mapping)
  if not ok then
    return nil, "scan", err
  end

  return { mapping = mapping, bytes = #body, elapsed_ms = clock.now_ms() - started_ms }
end


function _M.run(conf, ctx)
  ledger.add("requests")
  ctx.request_id, ctx.shows_request_id = request_id.establish()

  local ok, request, reason, err = pcall(mask_request, conf)
  if not ok then
    request, reason, err = nil, "scan", request
  end
  if not request then
    if reason == "scan" then
      kong.log.err("request refused: ", err)
    elseif err then
      kong.log.notice("request refused: ", err)
    end
    return refusal.exit(reason, ctx.request_id)
  end

  -- The restorer reads plain bytes only.
  kong.service.request.set_header("Accept-Encoding", "identity")

  ctx.mapping = request.mapping
  reporting.masked(conf, ctx, request)
end


return _M
