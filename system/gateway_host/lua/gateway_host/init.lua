-- The phases of nginx, in Kong's order of events. nginx.conf calls these functions and nothing else.

local admin = require "gateway_host.admin"
local dns = require "gateway_host.dns.client"
local latency = require "gateway_host.latency"
local load = require "gateway_host.config.load"
local patches = require "gateway_host.patches"
local pdk = require "gateway_host.pdk"
local phases = require "gateway_host.pdk.phases"
local plugins = require "gateway_host.plugins"
local proxy = require "gateway_host.proxy"
local settings = require "gateway_host.settings"
local snapshot = require "gateway_host.snapshot"
local store = require "gateway_host.config.store"
local workers = require "gateway_host.workers"


-- How often a worker without traffic looks for a new configuration, and reports itself.
local POLL_S = 0.1


local gateway = {}


-- Contexts of requests that nginx may redirect to the error page, which clears `ngx.ctx`; by request id.
local contexts = {}


-- Everything that must be right before nginx may start; raises what is wrong.
function gateway.prepare(settings_file)
  settings.load(settings_file)
  dns.init()
  patches.json()
  patches.sockets()
  patches.timers()
  _G.kong = pdk.new()
  plugins.load(settings.plugins)
  if settings.database ~= "off" then
    return require("gateway_host.database.configuration").at_start()
  end
  return settings.declarative_config and load.file(settings.declarative_config) or load.empty()
end


function gateway.init(settings_file)
  require "resty.core"
  local config = gateway.prepare(settings_file)
  -- A reload empties this dictionary in Kong, too: what a plugin keeps there is gone.
  ngx.shared.kong:flush_all()
  -- A reload without a file keeps what was posted, as Kong does.
  if settings.database ~= "off" or settings.declarative_config or not store.version() then
    assert(store.publish(config))
  end
end


function gateway.init_worker()
  math.randomseed(ngx.now() * 1000 + ngx.worker.pid())
  workers.report()
  phases.set(ngx.ctx, "init_worker")
  for _, name in ipairs(plugins.by_priority()) do
    local handler = plugins.handlers[name]
    if handler.init_worker then
      pdk.set_namespace(name)
      local ok, err = pcall(handler.init_worker, handler)
      if not ok then
        ngx.log(ngx.ERR, "failed to execute the \"init_worker\" handler for plugin \"", name, "\": ", err)
      end
    end
  end
  pdk.set_namespace(nil)

  local function poll(premature)
    if not premature then
      workers.report()
      snapshot.refresh()
      snapshot.configure_plugins(pdk.set_namespace)
    end
  end
  assert(ngx.native_timer_at(0, poll))
  assert(ngx.native_timer_every(math.min(POLL_S, settings.worker_state_update_frequency_s), poll))
end


local function run_access(ctx)
  for _, entry in ipairs(ctx.GATEWAY_PLAN) do
    if entry.handler.access then
      pdk.set_namespace(entry.name)
      local ok, err = pcall(entry.handler.access, entry.handler, entry.conf)
      pdk.set_namespace(nil)
      if not ok then
        ngx.log(ngx.ERR, "[kong] [", entry.name, "] ", err)
        return kong.response.error(500)
      end
    end
  end
end


local function run_filters(ctx, phase)
  for _, entry in ipairs(ctx.GATEWAY_PLAN or {}) do
    local run = entry.handler[phase]
    if run then
      pdk.set_namespace(entry.name)
      run(entry.handler, entry.conf)
    end
  end
  pdk.set_namespace(nil)
end


function gateway.access()
  local var, ctx = ngx.var, ngx.ctx
  local moved = var.kong_proxy_mode ~= "http"
  ctx.KONG_PROCESSING_START = ngx.req.start_time() * 1000
  phases.set(ctx, "access")
  contexts[var.kong_request_id] = ctx

  local now = snapshot.get()
  local match = now.router:match(ngx.req.get_method(), var.host, var.request_uri:match("^[^?]*"))
  if match then
    local location = proxy.location(match.route)
    if location and not moved then
      return ngx.exec(location)
    end
  end

  ctx.GATEWAY_PLAN = snapshot.plan(now, match and match.route, var.scheme)
  if not match then
    return kong.response.error(404, "no Route matched with those values")
  end

  ctx.route, ctx.service = match.route, match.service
  if match.service then
    proxy.prepare(match)
  end
  run_access(ctx)
  if not match.service then
    return kong.response.error(503, "no Service found with those values")
  end
  if not match.service.enabled then
    return kong.response.error(404, "no Route matched with those values")
  end

  local ok, err = proxy.finish(ctx)
  if not ok then
    ngx.log(ngx.ERR, "[kong] failed the initial dns/balancer resolve for '", match.service.host, "' with: ", err)
    return kong.response.error(503, "name resolution failed")
  end
  ctx.KONG_PROXIED = true
end


function gateway.balancer()
  local ctx = ngx.ctx
  phases.set(ctx, "balancer")
  proxy.balance(ctx)
  ctx.GATEWAY_BALANCED_AT = latency.now_ms()
end


function gateway.header_filter()
  local ctx = ngx.ctx
  phases.set(ctx, "header_filter")
  run_filters(ctx, "header_filter")
  latency.add_headers(ctx)
end


function gateway.body_filter()
  local ctx = ngx.ctx
  phases.set(ctx, "body_filter")
  if ctx.KONG_RESPONSE_BODY then
    ngx.arg[1], ngx.arg[2] = ctx.KONG_RESPONSE_BODY, true
    ctx.KONG_RESPONSE_BODY = nil
  end
  run_filters(ctx, "body_filter")
end


function gateway.log()
  local ctx = ngx.ctx
  contexts[ngx.var.kong_request_id] = nil
  phases.set(ctx, "log")
  run_filters(ctx, "log")
end


-- nginx's own errors (upstream refused, body too large, malformed request …), written as Kong writes them.
function gateway.error_page()
  local ctx = contexts[ngx.var.kong_request_id]
  if ctx then
    ngx.ctx = ctx
  else
    ctx = ngx.ctx
  end
  ctx.KONG_UNEXPECTED = true
  phases.set(ctx, "error")
  return kong.response.error(ngx.status)
end


gateway.admin = admin.serve
gateway.admin_header_filter = admin.header_filter


return gateway
