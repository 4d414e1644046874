-- Bounded first-in-first-out queue of the events that wait in one worker for one destination.
--
-- Events leave through `take` and come to rest through `settle` (sent, or lost and counted) or `put_back` (not
-- sent, goes first next time). Between, they are in flight and count towards the bound. When the bound is
-- reached the oldest waiting event makes room; when all are in flight, the new one is given up.
--
-- `boot` names the life of this queue, `seq` counts its events from 1, dropped ones included: a subscriber
-- sees a loss as a gap.

local max = math.max
local min = math.min
local floor = math.floor


-- A partial batch sets out before its interval is over, so that it is delivered within it: timers fire late
-- rather than early, and the message has a way to go.
local LEAD_SHARE = 0.1
local LEAD_MAX_MS = 100


local _M = {}
local mt = { __index = _M }


-- destination: see destination.lua; boot: string
function _M.new(destination, boot)
  return setmetatable({
    key = destination.queue_key,
    channel = destination.channel,
    batch_size = destination.batch_size,
    patience_ms = destination.flush_interval_ms - min(destination.flush_interval_ms * LEAD_SHARE, LEAD_MAX_MS),
    capacity = destination.queue_size,
    boot = boot,
    seq = 0,
    count = 0,      -- waiting
    in_flight = 0,
    first = 0,      -- ring offset of the oldest
    ring = {},
    failures = 0,   -- refusals in a row
    retry_at_ms = 0,
    used_at_ms = 0,
  }, mt)
end


-- Appends the event and numbers it (`event.seq`); `event.queued_at_ms` is set.
-- Returns how many events were given up for it: 0 or 1.
function _M:push(event)
  self.seq = self.seq + 1
  event.seq = self.seq
  self.used_at_ms = event.queued_at_ms

  local dropped = 0
  if self.count + self.in_flight >= self.capacity then
    if self.count == 0 then
      return 1
    end

    self:take(1)
    self:settle(1)
    dropped = 1
  end

  self.ring[(self.first + self.count) % self.capacity + 1] = event
  self.count = self.count + 1

  return dropped
end


-- Takes the `n` oldest events, which are in flight from then on.
function _M:take(n)
  local ring, capacity = self.ring, self.capacity
  local taken = {}

  for i = 1, n do
    local slot = (self.first + i - 1) % capacity + 1
    taken[i] = ring[slot]
    ring[slot] = nil
  end

  self.count = self.count - n
  self.in_flight = self.in_flight + n
  -- an empty ring starts over, so that it grows no larger than what really waited
  self.first = self.count == 0 and 0 or (self.first + n) % capacity

  return taken
end


-- `n` events in flight have come to rest.
function _M:settle(n)
  self.in_flight = self.in_flight - n
end


-- Events in flight (a list, oldest first) wait again, before all others.
function _M:put_back(events)
  local ring, capacity = self.ring, self.capacity
  local n = #events

  self.first = (self.first - n) % capacity
  for i = 1, n do
    ring[(self.first + i - 1) % capacity + 1] = events[i]
  end

  self.count = self.count + n
  self.in_flight = self.in_flight - n
end


-- When the next message may leave, as clock.now_ms() counts; nil when nothing waits.
function _M:due_at_ms()
  if self.count == 0 then
    return nil
  end

  if self.count >= self.batch_size then
    return self.retry_at_ms
  end

  return max(self.retry_at_ms, self.ring[self.first + 1].queued_at_ms + self.patience_ms)
end


-- How many events may leave now: whole batches, else a partial one whose time has come.
-- hurry: do not wait for a batch to fill up
function _M:ready(now_ms, hurry)
  local due_at_ms = self:due_at_ms()
  if not due_at_ms or self.retry_at_ms > now_ms then
    return 0
  end

  if self.count >= self.batch_size then
    return floor(self.count / self.batch_size) * self.batch_size
  end

  return (hurry or due_at_ms <= now_ms) and self.count or 0
end


function _M:idle()
  return self.count == 0 and self.in_flight == 0
end


return _M
