-- The ledger as Prometheus text.

local counters = require "kong.plugins.aws-masker.counters"


local fmt = string.format
local gsub = string.gsub
local sub = string.sub


local PREFIX = "aws_masker_"


local _M = {}


local function metric_name(name, suffix)
  return PREFIX .. gsub(name, "[^%w_]", "_") .. suffix
end


local function head(lines, name, kind, help)
  lines[#lines + 1] = fmt("# HELP %s %s", name, help)
  lines[#lines + 1] = fmt("# TYPE %s %s", name, kind)
end


local function render_family(lines, values, family, help, label)
  local name = metric_name(family, "_total")
  head(lines, name, "counter", help)

  local prefix = family .. "."
  local keys = {}
  for key in pairs(values) do
    if sub(key, 1, #prefix) == prefix then
      keys[#keys + 1] = key
    end
  end

  table.sort(keys)
  for i = 1, #keys do
    lines[#lines + 1] = fmt('%s{%s="%s"} %d', name, label, sub(keys[i], #prefix + 1), values[keys[i]])
  end
end


local function render_gauge(lines, workers, field, name, help, scale)
  name = PREFIX .. name
  head(lines, name, "gauge", help)

  for i = 1, #workers do
    local worker = workers[i]
    if worker[field] then
      lines[#lines + 1] = fmt('%s{worker="%d",pid="%d"} %d', name, worker.worker, worker.pid, worker[field] * scale)
    end
  end
end


-- snapshot: see ledger.lua
function _M.render(snapshot)
  local lines = {}
  local values = snapshot.counters

  for _, counter in ipairs(counters) do
    local name, help, label = counter[1], counter[2], counter[3]
    if label then
      render_family(lines, values, name, help, label)

    else
      local metric = metric_name(name, "_total")
      head(lines, metric, "counter", help)
      lines[#lines + 1] = fmt("%s %d", metric, values[name] or 0)
    end
  end

  local workers = snapshot.workers
  render_gauge(lines, workers, "waiting", "events_waiting", "Events that wait in the worker.", 1)
  render_gauge(lines, workers, "lua_heap_kb", "lua_heap_bytes", "Lua heap of the worker.", 1024)
  render_gauge(lines, workers, "lua_heap_floor_kb", "lua_heap_floor_bytes",
               "Smallest Lua heap of the worker in the second before.", 1024)
  render_gauge(lines, workers, "timers_pending", "timers_pending", "nginx timers pending in the worker.", 1)
  render_gauge(lines, workers, "timers_running", "timers_running", "nginx timers running in the worker.", 1)

  head(lines, PREFIX .. "start_time_seconds", "gauge", "When the counters began, in seconds since 1970.")
  lines[#lines + 1] = fmt("%sstart_time_seconds %.3f", PREFIX, snapshot.since)

  return table.concat(lines, "\n") .. "\n"
end


return _M
