-- / and /status: what this node is and how it is doing.

local connection = require "gateway_host.database.connection"
local json = require "gateway_host.json"
local ngx_process = require "ngx.process"
local plugins = require "gateway_host.plugins"
local reply = require "gateway_host.admin.reply"
local settings = require "gateway_host.settings"
local snapshot = require "gateway_host.snapshot"
local workers = require "gateway_host.workers"


local BYTES_PER_MIB = 1024 * 1024


local function mib(bytes)
  return string.format("%.2f MiB", bytes / BYTES_PER_MIB)
end


local function worker_pids()
  local pids = json.array({})
  for i, worker in ipairs(workers.list()) do
    pids[i] = worker.pid
  end
  return pids
end


local function worker_heaps()
  local heaps = json.array({})
  for i, worker in ipairs(workers.list()) do
    heaps[i] = { pid = worker.pid, http_allocated_gc = mib(worker.heap_bytes) }
  end
  return heaps
end


local function plugin_map(of)
  local map = {}
  for name, handler in pairs(plugins.handlers) do
    map[name] = of(handler)
  end
  return map
end


local function enabled_in_cluster()
  local seen, names = {}, json.array({})
  for _, plugin in ipairs(snapshot.get().plugins) do
    if not seen[plugin.name] then
      seen[plugin.name] = true
      names[#names + 1] = plugin.name
    end
  end
  return names
end


local function root()
  return reply(200, {
    tagline = "Welcome to the embedded gateway host, not Kong",
    edition = "embedded-gateway-host",
    version = settings.version,
    node_id = settings.node_id,
    hostname = kong.node.get_hostname(),
    lua_version = jit.version,
    timers = { running = ngx.timer.running_count(), pending = ngx.timer.pending_count() },
    pids = { workers = worker_pids(), master = ngx_process.get_master_pid() },
    plugins = {
      available_on_server = plugin_map(function(handler)
        return { version = handler.VERSION, priority = handler.PRIORITY }
      end),
      enabled_in_cluster = enabled_in_cluster(),
      disabled_on_server = {},
    },
    configuration = {
      database = settings.database,
      prefix = settings.prefix,
      plugins = json.array(settings.plugins),
      declarative_config = settings.declarative_config or ngx.null,
      proxy_listen = json.array(settings.proxy_listen),
      admin_listen = json.array(settings.admin_listen),
      log_level = settings.log_level,
    },
  })
end


local function connection_counts()
  local text = ngx.location.capture("/nginx_status").body
  local accepted, handled, requests = text:match("%s(%d+) (%d+) (%d+)")
  local function count(name)
    return tonumber(text:match(name .. ": (%d+)"))
  end
  return {
    connections_active = count("Active connections"),
    connections_reading = count("Reading"),
    connections_writing = count("Writing"),
    connections_waiting = count("Waiting"),
    connections_accepted = tonumber(accepted),
    connections_handled = tonumber(handled),
    total_requests = tonumber(requests),
  }
end


local function status()
  local dicts = {}
  for name, dict in pairs(ngx.shared) do
    dicts[name] = { capacity = mib(dict:capacity()), allocated_slabs = mib(dict:capacity() - dict:free_space()) }
  end
  local without_database = settings.database == "off"
  return reply(200, {
    memory = {
      lua_shared_dicts = dicts,
      workers_lua_vms = worker_heaps(),
    },
    server = connection_counts(),
    database = not without_database and { reachable = connection.query("SELECT 1", {}) ~= nil } or nil,
    configuration_hash = without_database and snapshot.get().hash or nil,
  })
end


return { ["/"] = { GET = root }, ["/status"] = { GET = status } }
