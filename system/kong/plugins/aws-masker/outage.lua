-- Says in the error log that events cannot be sent: at most one line per worker and 10 s, whatever the number of
-- Redis settings and attempts. The line names the address, the cause and how many events wait; no secret, no
-- word of an event.

local clock = require "kong.plugins.aws-masker.clock"


local ngx = ngx


local LINE_INTERVAL_MS = 10000


local _M = {}


local last_line_at_ms = -LINE_INTERVAL_MS


-- target: "host:port"; cause: short text; waiting: number of events.
-- Returns true when the line was written.
function _M.report(target, cause, waiting)
  local now_ms = clock.now_ms()
  if now_ms - last_line_at_ms < LINE_INTERVAL_MS then
    return false
  end

  last_line_at_ms = now_ms
  ngx.log(ngx.ERR, "[aws-masker] could not send events to ", target, ": ", cause, "; ", waiting, " events wait")

  return true
end


-- For an outage that was reported.
function _M.report_end(target, waiting)
  ngx.log(ngx.NOTICE, "[aws-masker] ", target, " takes events again; ", waiting, " events wait")
end


return _M
