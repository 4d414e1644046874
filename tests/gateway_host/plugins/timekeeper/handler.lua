-- Says in the log which of its timers run, and whether prematurely.
local Timekeeper = { PRIORITY = 400, VERSION = "1.0.0" }

local FAR_AWAY_S = 300

local function telling(name)
  return function(premature)
    ngx.log(ngx.NOTICE, "timekeeper: ", name, " premature=", tostring(premature), " pid=", ngx.worker.pid())
  end
end

function Timekeeper:init_worker()
  assert(ngx.timer.at(FAR_AWAY_S, telling("at")))
  assert(ngx.timer.every(FAR_AWAY_S, telling("every")))
  assert(ngx.native_timer_at(FAR_AWAY_S, telling("native_at")))
  assert(ngx.native_timer_every(FAR_AWAY_S, telling("native_every")))
end

function Timekeeper:log()
  local ok = ngx.timer.at(0, telling("in log, at"))
  local native_ok = ngx.native_timer_at(0, telling("in log, native_at"))
  ngx.log(ngx.NOTICE, "timekeeper: logged exiting=", tostring(ngx.worker.exiting()), " at=", tostring(ok ~= nil),
          " native_at=", tostring(native_ok ~= nil))
end

function Timekeeper:exit_worker()
  ngx.log(ngx.NOTICE, "timekeeper: exit_worker")
end

return Timekeeper
