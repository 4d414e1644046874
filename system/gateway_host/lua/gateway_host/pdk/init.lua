-- The plugin development kit: the global `kong`.

local absent = require "gateway_host.pdk.absent"
local ctx = require "gateway_host.pdk.ctx"
local log = require "gateway_host.pdk.log"
local phases = require "gateway_host.pdk.phases"
local settings = require "gateway_host.settings"


local pdk = {}


local in_request = phases.check("access", "response", "header_filter", "body_filter", "log")


local function hostname()
  local file = io.open("/proc/sys/kernel/hostname", "rb")
  local name = file and file:read("*l") or "localhost"
  if file then
    file:close()
  end
  return name
end


local function new_client()
  local function ip()
    phases.request()
    return ngx.var.remote_addr
  end
  local function port()
    phases.request()
    return tonumber(ngx.var.remote_port)
  end
  -- No address is trusted to forward for another, as in Kong without `trusted_ips`.
  return { get_ip = ip, get_forwarded_ip = ip, get_port = port, get_forwarded_port = port }
end


function pdk.new()
  local name = hostname()
  local api = {
    version = settings.version,
    version_num = settings.version_num,
    request = require "gateway_host.pdk.request",
    response = require "gateway_host.pdk.response",
    service = require "gateway_host.pdk.service",
    client = new_client(),
    ctx = ctx.api,
    log = log.api,
    node = {
      get_id = function() return settings.node_id end,
      get_hostname = function() return name end,
    },
    router = {
      get_route = function()
        in_request()
        return ngx.ctx.route
      end,
      get_service = function()
        in_request()
        return ngx.ctx.service
      end,
    },
  }
  absent.install(api)
  return api
end


-- Name the plugin whose code runs from here on in this request or timer (nil: the gateway's own).
function pdk.set_namespace(name)
  ngx.ctx.GATEWAY_PLUGIN = name
end


return pdk
