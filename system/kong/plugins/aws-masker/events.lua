-- The plugin's events: what its phases call.
--
-- Events wait in queues, one per destination and way of packing; queues with the same Redis setting share a link
-- (publisher.lua). A queue that the configuration no longer names goes when it is empty; where Kong does not tell the
-- configuration (before 3.5), when it was not used for a while.

local clock = require "kong.plugins.aws-masker.clock"
local destination = require "kong.plugins.aws-masker.destination"
local event = require "kong.plugins.aws-masker.event"
local ledger = require "kong.plugins.aws-masker.ledger"
local publisher = require "kong.plugins.aws-masker.publisher"
local queue = require "kong.plugins.aws-masker.queue"
local sampler = require "kong.plugins.aws-masker.sampler"


local ngx = ngx
local pairs = pairs
local timer_every = ngx.native_timer_every or ngx.timer.every  -- luacheck: ignore 143


-- How long events may wait when the timer that was to send them was lost.
local CARE_INTERVAL_S = 2
local TIDY_INTERVAL_MS = 30000
local FORMER_IDLE_MS = 1000   -- requests in flight may still use it
local UNTOLD_IDLE_MS = 600000


local _M = {}


local links = {}              -- by link key
local queues = {}             -- by queue key
local configured              -- set of queue keys, nil when Kong does not tell
local tidied_at_ms = 0
local mishap                  -- error of an emit, until the caretaker logs it

-- Queue per configuration table, so that no keys are built per request. Kong replaces rotated secrets inside the
-- table: they are part of what is remembered.
local remembered = setmetatable({}, { __mode = "k" })


local function link_for(target)
  local link = links[target.link_key]
  if not link then
    link = publisher.new(target)
    links[target.link_key] = link
  end

  return link
end


local function queue_for(conf)
  local memory = remembered[conf]
  if memory
     and memory.password == conf.redis.password
     and memory.username == conf.redis.username
     and queues[memory.queue.key] == memory.queue
  then
    return memory.queue
  end

  local target = destination.of(conf)
  local found = queues[target.queue_key]
  if not found then
    found = queue.new(target, event.queue_boot())
    found.link = link_for(target)
    found.link:add_queue(found)
    queues[found.key] = found
  end

  remembered[conf] = { queue = found, password = conf.redis.password, username = conf.redis.username }

  return found
end


local function idle_limit_ms(key)
  if not configured then
    return UNTOLD_IDLE_MS
  end

  return configured[key] and math.huge or FORMER_IDLE_MS
end


local function retire_queues()
  local now_ms = clock.now_ms()

  for key, candidate in pairs(queues) do
    if candidate:idle() and now_ms - candidate.used_at_ms > idle_limit_ms(key) then
      local link = candidate.link
      queues[key] = nil
      link:remove_queue(candidate)
      if not link.queues[1] then
        links[link.key] = nil
      end
    end
  end
end


-- Every other second, and once when the worker is about to exit.
local function take_care(premature)
  if premature then
    for _, link in pairs(links) do
      link:flush(true)
    end

    return
  end

  if mishap then
    ngx.log(ngx.ERR, "[aws-masker] could not queue an event: ", mishap)
    mishap = nil
  end

  for _, link in pairs(links) do
    link:wake()
  end

  local now_ms = clock.now_ms()
  if now_ms - tidied_at_ms >= TIDY_INTERVAL_MS then
    tidied_at_ms = now_ms
    retire_queues()
    ledger.reap_lost_workers()
  end
end


-- Once per worker, in init_worker.
function _M.init_worker()
  event.worker_boot()
  ledger.init_worker()

  tidied_at_ms = clock.now_ms()

  -- one that repeats itself: nginx arms it anew also when it cannot run it
  assert(timer_every(CARE_INTERVAL_S, function(premature)
    local ok, err = pcall(take_care, premature)
    if not ok then
      ngx.log(ngx.ERR, "[aws-masker] could not look after the event queues: ", err)
    end
  end))
end


-- configs: list of the plugin's configurations now in force, nil when there is none
function _M.configure(configs)
  configured = {}
  for _, conf in pairs(configs or {}) do
    local target = conf.enable_event_monitoring and destination.of(conf)
    if target then
      configured[target.queue_key] = true
    end
  end

  retire_queues()
end


-- Does the request emit events? Ask once per request.
function _M.sampled(conf, request_id)
  if not conf.enable_event_monitoring or not request_id or not conf.redis then
    return false
  end

  return sampler.sampled(request_id, conf.event_sampling_rate)
end


local function enqueue(conf, event_type, fields)
  local waiting = queue_for(conf)
  local dropped = waiting:push(event.new(event_type, fields))
  ledger.enqueued()
  ledger.settled("dropped.queue_full", dropped)
  waiting.link:notice(waiting)

  if not ngx.worker.exiting() then
    ledger.note_figures()
  end
end


-- Queues an event of a sampled request. Any phase, also while the worker is exiting; neither yields nor raises.
-- event_type: "data_masked" or "data_unmasked"
-- fields: { request_id =, service =, route =, details = table }; belongs to the queue from now on
function _M.emit(conf, event_type, fields)
  local ok, err = pcall(enqueue, conf, event_type, fields)
  if not ok then
    -- not logged here: nginx adds the request line to what a request logs
    mishap = err
  end
end


return _M
