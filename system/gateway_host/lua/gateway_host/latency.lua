-- The headers that Kong adds to every response: latencies (milliseconds), Via, Server, the request id.

local settings = require "gateway_host.settings"


local TOKEN = "kong/" .. settings.version


local latency = {}


-- Wall time in milliseconds, as fresh as the clock gives it.
function latency.now_ms()
  ngx.update_time()
  return ngx.now() * 1000
end


local function whole_ms(from, to)
  return math.max(0, math.floor(to - from + 0.5))
end


function latency.add_headers(ctx)
  local header = ngx.header
  local now = latency.now_ms()
  local start = ctx.KONG_PROCESSING_START or ngx.req.start_time() * 1000
  if ctx.KONG_PROXIED then
    local handed_over = ctx.GATEWAY_BALANCED_AT or now
    header["X-Kong-Upstream-Latency"] = whole_ms(handed_over, now)
    header["X-Kong-Proxy-Latency"] = whole_ms(start, handed_over)
    local via = header["Via"]
    local own = ngx.req.http_version() .. " " .. TOKEN
    header["Via"] = via and (type(via) == "table" and table.concat(via, ", ") or via) .. ", " .. own or own
    if ctx.KONG_UNEXPECTED then
      header["Server"] = TOKEN
    end
  else
    header["X-Kong-Response-Latency"] = whole_ms(start, now)
    header["Server"] = TOKEN
  end
  header["X-Kong-Request-Id"] = ngx.var.kong_request_id
end


latency.TOKEN = TOKEN


return latency
