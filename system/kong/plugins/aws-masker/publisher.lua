-- Sends the events of one worker to one Redis setting: a link. Its queues share one connection, and one flush runs
-- at a time, in a timer, never in a request.
--
-- A flush sends what is ready, in slices, then asks for the next timer. settlement.lua says what becomes of a message.
-- While Redis cannot be reached events wait. Attempts back off to one per second; a queue whose messages are refused
-- backs off alone.
--
-- A worker that is exiting sends everything at once, partial batches too, and closes its connections.

local alarm = require "kong.plugins.aws-masker.alarm"
local clock = require "kong.plugins.aws-masker.clock"
local connection = require "kong.plugins.aws-masker.connection"
local event = require "kong.plugins.aws-masker.event"
local ledger = require "kong.plugins.aws-masker.ledger"
local outage = require "kong.plugins.aws-masker.outage"
local settlement = require "kong.plugins.aws-masker.settlement"


local now_ms = clock.now_ms
local exiting = ngx.worker.exiting
local floor = math.floor
local huge = math.huge
local max = math.max
local min = math.min


local BACKOFF_FIRST_MS = 100
local BACKOFF_MAX_MS = 1000
-- Events encoded in one go, in which the worker serves nobody: 0.3 ms measured.
local SLICE_EVENTS = 128


local _M = {}
local mt = { __index = _M }


local function backoff_ms(failures)
  return min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ^ (failures - 1))
end


-- destination: see destination.lua
function _M.new(destination)
  local link = setmetatable({
    key = destination.link_key,
    redis = destination.redis,
    target = destination.redis.host .. ":" .. destination.redis.port,
    queues = {},
    turn = 0,           -- index of the queue served last
    running = false,
    failures = 0,       -- in a row
    retry_at_ms = 0,
    reported = false,   -- the current outage is in the log
    unarmed = nil,      -- why no timer could be armed
    connection = nil,   -- open during a flush only
  }, mt)

  link.alarm = alarm.new(function(premature)
    link:flush(premature)
  end)

  return link
end


function _M:add_queue(queue)
  self.queues[#self.queues + 1] = queue
end


function _M:remove_queue(queue)
  for i = 1, #self.queues do
    if self.queues[i] == queue then
      table.remove(self.queues, i)
      return
    end
  end
end


function _M:waiting()
  local waiting = 0
  for i = 1, #self.queues do
    waiting = waiting + self.queues[i].count + self.queues[i].in_flight
  end

  return waiting
end


local function report(link, cause)
  link.reported = outage.report(link.target, cause, link:waiting()) or link.reported
end


local function close(link)
  if link.connection then
    link.connection:close()
    link.connection = nil
  end
end


-- The connection could not be had or broke.
local function fail(link, cause)
  close(link)
  ledger.add("connections.failed." .. cause)
  link.failures = link.failures + 1
  link.retry_at_ms = now_ms() + backoff_ms(link.failures)
  report(link, cause)
end


local function succeed(link, queue)
  link.failures = 0
  queue.failures = 0

  for i = 1, #link.queues do
    if link.queues[i].failures > 0 then
      return
    end
  end

  if link.reported then
    link.reported = false
    outage.report_end(link.target, link:waiting())
  end
end


local function source_of(queue)
  return {
    node = kong.node.get_id(),
    worker = ngx.worker.id(),
    boot = queue.boot,
  }
end


-- Sends the `n` oldest events of the queue. Returns false when the connection broke.
local function send(link, queue, n)
  local records = queue:take(n)
  local messages, failed = event.messages(records, queue.batch_size, source_of(queue))
  settlement.settle(queue, "dropped.encode", failed)

  local ok, cause = link.connection:publish(queue.channel, messages)
  local refusal = settlement.conclude(queue, messages)

  if not ok then
    fail(link, cause)
    return false
  end

  if refusal then
    -- a new connection authenticates anew, and finds the new master after a failover
    close(link)
    queue.failures = queue.failures + 1
    queue.retry_at_ms = now_ms() + backoff_ms(queue.failures)
    report(link, refusal)

  else
    succeed(link, queue)
  end

  return true
end


-- The next queue, in turn, with something to send, and how many events.
local function pick(link, hurry)
  local queues = link.queues
  local current = now_ms()

  for i = 1, #queues do
    local turn = (link.turn + i - 1) % #queues + 1
    local queue = queues[turn]
    local ready = queue:ready(current, hurry)
    if ready > 0 then
      link.turn = turn
      local slice = max(1, floor(SLICE_EVENTS / queue.batch_size)) * queue.batch_size
      return queue, min(ready, slice)
    end
  end
end


local function drain(link, hurry)
  while link.retry_at_ms <= now_ms() do
    local queue, n = pick(link, hurry or exiting())
    if not queue then
      return
    end

    if not link.connection then
      local cause
      link.connection, cause = connection.open(link.redis, link.key)
      if not link.connection then
        return fail(link, cause)
      end
    end

    if not send(link, queue, n) then
      return
    end
  end
end


-- After an error in this code: what was in flight counts as lost, nothing stays half done.
local function abandon(link, err)
  close(link)
  for i = 1, #link.queues do
    settlement.settle(link.queues[i], "dropped.unconfirmed", link.queues[i].in_flight)
  end

  link.failures = link.failures + 1
  link.retry_at_ms = now_ms() + backoff_ms(link.failures)
  report(link, "internal error: " .. tostring(err))
end


local function forget_backoff(link)
  link.retry_at_ms = 0
  for i = 1, #link.queues do
    link.queues[i].retry_at_ms = 0
  end
end


-- In a timer. premature: the worker is about to exit.
function _M:flush(premature)
  if self.running then
    return
  end

  if self.unarmed then
    report(self, self.unarmed)
    self.unarmed = nil
  end

  local leaving = premature or exiting()
  if leaving then
    forget_backoff(self)
  end

  self.running = true
  local ok, err = pcall(drain, self, leaving)
  self.running = false
  if not ok then
    abandon(self, err)
  end

  if self.connection then
    -- keepalive in an exiting worker would hold it up
    if exiting() then
      close(self)

    else
      self.connection:keep()
      self.connection = nil
    end
  end

  if not exiting() then
    self:wake()
  end
end


local function arm(link, due_at_ms)
  -- while the worker is exiting: at once, there is no later
  local ok, err = link.alarm:want(exiting() and 0 or max(due_at_ms, link.retry_at_ms))
  ledger.add("timers.lost", link.alarm:take_lost())
  if not ok then
    ledger.add("timers.failed")
    -- not logged here: nginx adds the request line to what a request logs
    link.unarmed = err
  end
end


-- An event was pushed to this queue of the link. Cheap: other queues have their timer already.
function _M:notice(queue)
  if not self.running then
    arm(self, queue:due_at_ms() or 0)
  end
end


-- Sees to it that a timer is pending for what waits.
function _M:wake()
  if self.running then
    return
  end

  local due_at_ms = huge
  for i = 1, #self.queues do
    due_at_ms = min(due_at_ms, self.queues[i]:due_at_ms() or huge)
  end

  if due_at_ms < huge then
    arm(self, due_at_ms)
  end
end


return _M
