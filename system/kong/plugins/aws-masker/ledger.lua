-- The plugin's own counters and gauges, in a shared dictionary: one set for all workers, kept over a reload.
--
-- Books on events: sampled = published + dropped (all causes) + waiting, exactly, whenever no update is under way.
-- `waiting` is a gauge of its own, kept per worker, in no way derived from the counters. Updates add on the right
-- side before the left, and before they take away there; a reader takes the left side first, then `waiting`. So a
-- reading under load may be ahead on the right by what is under way, but never looks like a loss.
--
-- A worker that was killed leaves its gauge behind. Whoever notices that its process is gone turns what waited there
-- into the counter events.dropped.worker_lost. (A kill between the two updates of one event, less than a
-- microsecond apart, leaves that event counted on the right side only.)

local clock = require "kong.plugins.aws-masker.clock"
local counters = require "kong.plugins.aws-masker.counters"
local event = require "kong.plugins.aws-masker.event"
local ffi = require "ffi"
local json = require "cjson.safe"


local ngx = ngx
local match = string.match
local math_huge = math.huge
local min = math.min
local sub = string.sub


ffi.cdef [[
int kill(int pid, int sig);
]]


local PREFIX = "aws-masker:"
local COUNTER = PREFIX .. "counter:"
local WAITING = PREFIX .. "waiting:"
local FIGURES = PREFIX .. "figures:"
local REAPING = PREFIX .. "reaping:"
local SINCE = PREFIX .. "since"

local ESRCH = 3
local REAPING_LIMIT_S = 5
local FIGURES_INTERVAL_MS = 1000
local NO_WORKER_ID = -1   -- a helper process of nginx


local _M = {}


local dict
local worker_key    -- "<worker>:<pid>:<boot>"
local waiting_key
local figures_at_ms = -FIGURES_INTERVAL_MS
local heap_floor_kb = math_huge   -- since the figures were noted


-- n: defaults to 1
function _M.add(name, n)
  if n ~= 0 then
    dict:incr(COUNTER .. name, n or 1, 0)
  end
end


-- An event was queued in this worker.
function _M.enqueued()
  dict:incr(waiting_key, 1, 0)
  dict:incr(COUNTER .. "events.sampled", 1, 0)
end


-- `n` events that waited in this worker came to rest as `outcome`: "published" or "dropped.<cause>".
function _M.settled(outcome, n)
  if n > 0 then
    dict:incr(COUNTER .. "events." .. outcome, n, 0)
    dict:incr(waiting_key, -n)
  end
end


local function is_gone(pid)
  return ffi.C.kill(pid, 0) ~= 0 and ffi.errno() == ESRCH
end


local function reap(key, worker)
  -- one reaper at a time; the gauge is read again, another may have been first
  if not dict:add(REAPING .. worker, true, REAPING_LIMIT_S) then
    return
  end

  local lost = dict:get(key)
  if lost then
    if lost > 0 then
      _M.add("events.dropped.worker_lost", lost)
    end

    dict:delete(key)
    dict:delete(FIGURES .. worker)
  end

  dict:delete(REAPING .. worker)
end


-- Calls `visit(key, name)` for each key that begins with `prefix`; name: the rest of the key.
local function each(prefix, visit)
  local keys = dict:get_keys(0)
  for i = 1, #keys do
    if sub(keys[i], 1, #prefix) == prefix then
      visit(keys[i], sub(keys[i], #prefix + 1))
    end
  end
end


-- Settles the books of workers that are gone.
function _M.reap_lost_workers()
  local own_pid = ngx.worker.pid()

  each(WAITING, function(key, worker)
    local pid = tonumber(match(worker, ":(%d+):"))
    local is_former = pid == own_pid and worker ~= worker_key
    if is_former or is_gone(pid) then
      reap(key, worker)
    end
  end)
end


-- Notes this worker's memory and timers, at most once a second; to be called often. The heap doubles between two
-- collections, so only its floor shows within minutes whether something stays.
function _M.note_figures()
  local heap_kb = collectgarbage("count")
  heap_floor_kb = min(heap_floor_kb, heap_kb)
  local now_ms = clock.now_ms()
  if now_ms - figures_at_ms < FIGURES_INTERVAL_MS then
    return
  end

  figures_at_ms = now_ms
  dict:set(FIGURES .. worker_key, json.encode({
    at = ngx.now(),
    lua_heap_kb = heap_kb,
    lua_heap_floor_kb = heap_floor_kb,
    timers_pending = ngx.timer.pending_count(),
    timers_running = ngx.timer.running_count(),
  }))
  heap_floor_kb = math_huge
end


-- Once per worker, before anything else here.
function _M.init_worker()
  dict = ngx.shared.aws_masker or ngx.shared.kong
  if not dict then
    error("aws-masker needs a shared dictionary: set KONG_NGINX_HTTP_LUA_SHARED_DICT=\"aws_masker 1m\"")
  end

  worker_key = (ngx.worker.id() or NO_WORKER_ID) .. ":" .. ngx.worker.pid() .. ":" .. event.worker_boot()
  waiting_key = WAITING .. worker_key

  dict:add(SINCE, ngx.now())
  dict:add(waiting_key, 0)

  for _, counter in ipairs(counters) do
    local name, labels = counter[1], counter[4]
    if labels then
      for i = 1, #labels do
        dict:add(COUNTER .. name .. "." .. labels[i], 0)
      end

    else
      dict:add(COUNTER .. name, 0)
    end
  end

  _M.note_figures()
  _M.reap_lost_workers()
end


local function read_workers()
  local workers = {}
  local total = 0

  each(WAITING, function(key, worker)
    local waiting = dict:get(key)
    if waiting then
      local id, pid, boot = match(worker, "^(%-?%d+):(%d+):(%x+)$")
      local entry = json.decode(dict:get(FIGURES .. worker) or "{}")
      entry.worker = tonumber(id)
      entry.pid = tonumber(pid)
      entry.boot = boot
      entry.waiting = waiting
      workers[#workers + 1] = entry
      total = total + waiting
    end
  end)

  table.sort(workers, function(a, b)
    return a.pid < b.pid
  end)

  return workers, total
end


-- The whole ledger: { since, counters = { [name] = n }, waiting, workers = list }.
function _M.snapshot()
  _M.reap_lost_workers()
  _M.note_figures()

  local sampled = dict:get(COUNTER .. "events.sampled")
  local workers, waiting = read_workers()

  local values = {}
  each(COUNTER, function(key, name)
    values[name] = dict:get(key)
  end)
  values["events.sampled"] = sampled

  return {
    since = dict:get(SINCE),
    counters = values,
    waiting = waiting,
    workers = workers,
  }
end


return _M
