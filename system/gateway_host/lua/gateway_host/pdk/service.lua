-- kong.service: where the request goes, and what came back from there.

local headers = require "gateway_host.pdk.headers"
local phases = require "gateway_host.pdk.phases"


local service = { request = require "gateway_host.pdk.service_request", response = {} }


local in_access = phases.check("access")
local when_known = phases.check("response", "header_filter", "body_filter", "log")


function service.set_target(host, port)
  in_access()
  if type(host) ~= "string" then
    error("host must be a string", 2)
  end
  if type(port) ~= "number" then
    error("port must be an integer", 2)
  end
  if math.floor(port) ~= port or port < 0 or port > 65535 then
    error("port must be an integer between 0 and 65535: given " .. port, 2)
  end
  ngx.ctx.GATEWAY_TARGET = { host = host, port = port }
end


function service.response.get_status()
  when_known()
  local status = tonumber((ngx.var.upstream_status or ""):match("(%d+)%s*$"))
  return ngx.ctx.KONG_PROXIED and status or nil
end


function service.response.get_headers(max_headers)
  when_known()
  if max_headers ~= nil then
    headers.check_max("max_headers", max_headers)
  end
  return ngx.resp.get_headers(max_headers)
end


function service.response.get_header(name)
  when_known()
  if type(name) ~= "string" then
    error("name must be a string", 2)
  end
  return ngx.var["upstream_http_" .. name:lower():gsub("-", "_")]
end


return service
