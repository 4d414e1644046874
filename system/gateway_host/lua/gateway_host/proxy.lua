-- Sends a matched request to its service: the variables that the proxy locations use, and the balancer.

local balancer = require "ngx.balancer"
local dns = require "gateway_host.dns.client"
local settings = require "gateway_host.settings"
local uri = require "gateway_host.uri"


local DEFAULT_PORTS = { http = 80, https = 443 }
local VIA = " kong/" .. settings.version


local proxy = {}


local function upstream_host_header(service)
  if service.port == DEFAULT_PORTS[service.protocol] then
    return service.host
  end
  return service.host .. ":" .. service.port
end


local function appended(value, item)
  return value and value .. ", " .. item or item
end


-- The location that buffers as the route asks, or nil when the main one does.
function proxy.location(route)
  if route.request_buffering and route.response_buffering then
    return nil
  end
  if not route.request_buffering and not route.response_buffering then
    return "@unbuffered"
  end
  return route.request_buffering and "@unbuffered_response" or "@unbuffered_request"
end


-- Set what can be known before the plugins run.
function proxy.prepare(match)
  local var = ngx.var
  local service = match.service
  var.upstream_scheme = service.protocol
  var.upstream_uri = uri.upstream_path(service.path ~= ngx.null and service.path or "/", match)
  var.upstream_host = match.route.preserve_host and var.http_host or ""
  var.upstream_via = appended(var.http_via, ngx.req.http_version() .. VIA)
  var.upstream_x_forwarded_for = appended(var.http_x_forwarded_for, var.remote_addr)
  var.upstream_x_forwarded_proto = var.scheme
  var.upstream_x_forwarded_host = var.host
  var.upstream_x_forwarded_port = var.server_port
  var.upstream_x_forwarded_path = var.request_uri:match("^[^?]*")
  if match.route.strip_path and match.prefix ~= "" and match.prefix ~= "/" then
    var.upstream_x_forwarded_prefix = match.prefix
  end
end


local function clear_hop_by_hop(var)
  local connection = var.http_connection
  if connection then
    for name in connection:gmatch("[^,%s]+") do
      local lower = name:lower()
      if lower ~= "close" and lower ~= "keep-alive" and lower ~= "upgrade" and lower ~= "te" then
        ngx.req.clear_header(name)
      end
    end
  end
  local upgrade = var.http_upgrade
  if upgrade and connection and connection:lower():find("upgrade", 1, true) then
    var.upstream_connection = "keep-alive, Upgrade"
    var.upstream_upgrade = upgrade
  end
  if (var.http_te or ""):lower():find("trailers", 1, true) then
    var.upstream_te = "trailers"
  end
  ngx.req.clear_header("Proxy")
  ngx.req.clear_header("Proxy-Connection")
end


-- Set the rest after the plugins ran, and find the upstream's address: true, or nil and an error.
function proxy.finish(ctx)
  local var = ngx.var
  clear_hop_by_hop(var)
  local service = ctx.service
  local target = ctx.GATEWAY_TARGET or service
  if var.upstream_host == "" then
    var.upstream_host = upstream_host_header({ host = target.host, port = target.port, protocol = service.protocol })
  end
  local args = var.args
  if args and args ~= "" then
    var.upstream_uri = var.upstream_uri .. "?" .. args
  end

  local address, err = dns.resolve(target.host)
  if not address then
    return nil, err
  end
  ctx.GATEWAY_PEER = { address = address, port = target.port }
  return true
end


-- Choose the peer; called again for each retry.
function proxy.balance(ctx)
  local service = ctx.service
  if not ctx.GATEWAY_TRIES then
    ctx.GATEWAY_TRIES = 0
    if service.retries > 0 then
      balancer.set_more_tries(service.retries)
    end
  end
  ctx.GATEWAY_TRIES = ctx.GATEWAY_TRIES + 1

  local ok, err = balancer.set_current_peer(ctx.GATEWAY_PEER.address, ctx.GATEWAY_PEER.port)
  if not ok then
    ngx.log(ngx.ERR, "failed to set the current peer (address: ", ctx.GATEWAY_PEER.address, " port: ",
            ctx.GATEWAY_PEER.port, "): ", err)
    return ngx.exit(500)
  end
  balancer.set_timeouts(service.connect_timeout / 1000, service.write_timeout / 1000, service.read_timeout / 1000)
end


return proxy
