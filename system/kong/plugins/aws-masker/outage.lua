-- Says in the error log that events cannot be sent: at most one line per worker and 10 s, whatever the number of
-- Redis settings and attempts. The line names the address, the cause and how many events wait; no secret, no
-- word of an event.

local ngx = ngx


local LINE_INTERVAL_S = 10


local _M = {}


local last_line_at = -LINE_INTERVAL_S


-- target: "host:port"; cause: short text; waiting: number of events.
-- Returns true when the line was written.
function _M.report(target, cause, waiting)
  local now = ngx.now()
  if now - last_line_at < LINE_INTERVAL_S then
    return false
  end

  last_line_at = now
  ngx.log(ngx.ERR, "[aws-masker] could not send events to ", target, ": ", cause, "; ", waiting, " events wait")

  return true
end


-- For an outage that was reported.
function _M.report_end(target, waiting)
  ngx.log(ngx.NOTICE, "[aws-masker] ", target, " takes events again; ", waiting, " events wait")
end


return _M
