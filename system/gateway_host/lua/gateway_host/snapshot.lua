-- The configuration as a worker uses it: routes ready to match, plugins ready to run. A request holds on to the
-- snapshot it began with; a new one replaces it for later requests in one assignment.

local json = require "gateway_host.json"
local plugins = require "gateway_host.plugins"
local router = require "gateway_host.router"
local settings = require "gateway_host.settings"
local store = require "gateway_host.config.store"


-- Kong's id of the only workspace.
local WORKSPACE_ID = "0dc6f45b-8f8d-40d2-a504-473544ee190b"


local snapshot = {}


local current
local configured_version
local refreshed_at
local sequence = 0


local function without_nulls(value)
  if type(value) ~= "table" then
    return value
  end

  local copied = {}
  for key, item in pairs(value) do
    if item ~= ngx.null then
      copied[key] = without_nulls(item)
    end
  end
  return copied
end


local function reference_id(value)
  return value ~= nil and value ~= ngx.null and value.id or nil
end


-- What Kong hands to a plugin's handlers: the plugin's settings, and where they come from.
local function conf_of(entity)
  sequence = sequence + 1
  local conf = without_nulls(entity.config)
  conf.route_id = reference_id(entity.route)
  conf.service_id = reference_id(entity.service)
  conf.__key__ = table.concat({ "plugins", entity.name, conf.route_id or "", conf.service_id or "", "", "",
                                WORKSPACE_ID }, ":")
  conf.__plugin_id = entity.id
  conf.__seq__ = sequence
  conf.__ws_id = WORKSPACE_ID
  return conf
end


-- Entities by their id
function snapshot.by_id(list)
  local index = {}
  for _, item in ipairs(list) do
    index[item.id] = item
  end
  return index
end


-- Where a plugin entity applies; the most specific wins: route and service, route, service, everywhere.
local function scope_key(route_id, service_id)
  return (route_id or "") .. "/" .. (service_id or "")
end


local function index_plugins(entities)
  local scopes, confs = {}, {}
  for _, entity in ipairs(entities) do
    if entity.enabled then
      local conf = conf_of(entity)
      local name = entity.name
      confs[name] = confs[name] or {}
      table.insert(confs[name], conf)
      scopes[name] = scopes[name] or {}
      scopes[name][scope_key(conf.route_id, conf.service_id)] = { entity = entity, conf = conf }
    end
  end
  return scopes, confs
end


local function build(config, version)
  local scopes, confs = index_plugins(config.plugins)
  return {
    version = version,
    hash = config.hash,
    services = json.array(config.services),
    routes = json.array(config.routes),
    plugins = json.array(config.plugins),
    services_by_id = snapshot.by_id(config.services),
    router = router.new(config.routes, snapshot.by_id(config.services)),
    scopes = scopes,
    confs = confs,
    plans = {},
  }
end


local function scoped(scopes, route_id, service_id)
  return route_id and service_id and scopes[scope_key(route_id, service_id)]
         or route_id and scopes[scope_key(route_id)]
         or service_id and scopes[scope_key(nil, service_id)]
         or scopes[scope_key()]
end


local function serves(entity, scheme)
  for _, protocol in ipairs(entity.protocols) do
    if protocol == scheme then
      return true
    end
  end
  return false
end


-- The plugins that run for a route (nil: none matched), in order: `{ name, handler, conf, id }`.
function snapshot.plan(self, route, scheme)
  local key = (route and route.id or "") .. scheme
  local plan = self.plans[key]
  if plan then
    return plan
  end

  plan = {}
  for _, name in ipairs(plugins.by_priority()) do
    local found = self.scopes[name]
                  and scoped(self.scopes[name], route and route.id, route and reference_id(route.service))
    if found and serves(found.entity, scheme) then
      plan[#plan + 1] = { name = name, handler = plugins.handlers[name], conf = found.conf, id = found.entity.id }
    end
  end
  self.plans[key] = plan
  return plan
end


local function update()
  if not current or current.version ~= store.version() then
    current = build(store.read())
  end
end


-- The current snapshot. Without a database it is brought up to date first: one look into shared memory when nothing
-- changed. With one, a worker takes changes over in its own time (`refresh`), as Kong's do (`worker_consistency`).
function snapshot.get()
  if not current or settings.database == "off" then
    update()
  end
  return current
end


-- Bring it up to date when `worker_state_update_frequency` has passed. Called by a timer.
function snapshot.refresh()
  local now = ngx.now()
  if not refreshed_at or now - refreshed_at >= settings.worker_state_update_frequency_s then
    refreshed_at = now
    update()
  end
end


-- Call `configure` of every plugin that has one, once per version and worker. Runs in a timer, as in Kong.
function snapshot.configure_plugins(set_namespace)
  local now = snapshot.get()
  if configured_version == now.version then
    return
  end
  configured_version = now.version

  for _, name in ipairs(plugins.by_priority()) do
    local handler = plugins.handlers[name]
    if handler.configure then
      set_namespace(name)
      local ok, err = pcall(handler.configure, handler, now.confs[name])
      if not ok then
        ngx.log(ngx.ERR, "[", name, "] failed to execute plugin's configure handler: ", err)
      end
      set_namespace(nil)
    end
  end
end


snapshot.WORKSPACE_ID = WORKSPACE_ID


return snapshot
