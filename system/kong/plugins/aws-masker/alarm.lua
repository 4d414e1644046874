-- Calls a function at a wanted time, with as few one-shot timers as possible.
--
-- A timer is armed only when no pending one fires earlier; the callback asks for the next time itself. Pending
-- times are therefore strictly descending, and there are as many as distinct intervals at most. A timer that
-- nginx lost (it drops those that exceed lua_max_running_timers, and every one while the worker is out of
-- connections) counts as gone a second after its time; whoever wants to survive that asks again now and then.
--
-- In Kong `ngx.timer.at` is timer-ng: coarse by 0.1 s, and in a worker that is exiting it accepts timers that
-- never run. nginx's own timers are exact and do run.

local clock = require "kong.plugins.aws-masker.clock"


local timer_at = ngx.native_timer_at or ngx.timer.at  -- luacheck: ignore 143
local now_ms = clock.now_ms
local ceil = math.ceil
local max = math.max


local LOST_AFTER_MS = 1000
local TIMER_RESOLUTION_MS = 1


local _M = {}
local mt = { __index = _M }


-- callback(premature): must not raise
function _M.new(callback)
  return setmetatable({ callback = callback, pending = {}, lost = 0 }, mt)
end


local function fire(premature, alarm, time_ms)
  local pending = alarm.pending
  for i = #pending, 1, -1 do
    if pending[i] == time_ms then
      table.remove(pending, i)
      break
    end
  end

  alarm.callback(premature)
end


-- time_ms: as clock.now_ms() counts; the past means at once.
-- Returns true, or nil and why no timer could be armed: then ask again later.
function _M:want(time_ms)
  local pending = self.pending
  local current = now_ms()

  while pending[1] and pending[#pending] < current - LOST_AFTER_MS do
    pending[#pending] = nil
    self.lost = self.lost + 1
  end

  -- rounded up: a timer that fires early would find nothing to do, and be armed again at once
  local delay_ms = max(0, ceil((time_ms - current) / TIMER_RESOLUTION_MS) * TIMER_RESOLUTION_MS)
  time_ms = current + delay_ms
  if pending[1] and pending[#pending] <= time_ms + TIMER_RESOLUTION_MS then
    return true
  end

  local ok, err = timer_at(delay_ms / 1000, fire, self, time_ms)
  if not ok then
    return nil, "could not arm a timer: " .. tostring(err)
  end

  pending[#pending + 1] = time_ms

  return true
end


-- How many timers were lost since this was last asked.
function _M:take_lost()
  local lost = self.lost
  self.lost = 0

  return lost
end


return _M
