-- Calls a function at a wanted time, with as few one-shot timers as possible.
--
-- A timer is armed only when no pending one fires earlier; the callback asks for the next time itself. Pending
-- times are therefore strictly descending, and there are as many as distinct intervals at most. A timer that
-- nginx lost (it drops those that exceed lua_max_running_timers) counts as gone a second after its time.
--
-- In Kong `ngx.timer.at` is timer-ng: coarse by 0.1 s, and in a worker that is exiting it accepts timers that
-- never run. nginx's own timers are exact and do run.

local timer_at = ngx.native_timer_at or ngx.timer.at  -- luacheck: ignore 143
local now = ngx.now
local max = math.max


local LOST_AFTER_S = 1
local SAME_TIME_S = 0.001


local _M = {}
local mt = { __index = _M }


-- callback(premature): must not raise
function _M.new(callback)
  return setmetatable({ callback = callback, pending = {} }, mt)
end


local function fire(premature, alarm, time)
  local pending = alarm.pending
  for i = #pending, 1, -1 do
    if pending[i] == time then
      table.remove(pending, i)
      break
    end
  end

  alarm.callback(premature)
end


-- time: seconds as ngx.now() counts them; the past means at once.
-- Returns true, or nil and why no timer could be armed: then ask again later.
function _M:want(time)
  local pending = self.pending
  local current = now()

  while pending[1] and pending[#pending] < current - LOST_AFTER_S do
    pending[#pending] = nil
  end

  time = max(time, current)
  if pending[1] and pending[#pending] <= time + SAME_TIME_S then
    return true
  end

  local ok, err = timer_at(time - current, fire, self, time)
  if not ok then
    return nil, "could not arm a timer: " .. tostring(err)
  end

  pending[#pending + 1] = time

  return true
end


return _M
