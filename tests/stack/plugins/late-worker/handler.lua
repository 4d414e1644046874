-- Keeps one worker busy while it starts, so that it accepts later than the others.
local LateWorker = { PRIORITY = 500, VERSION = "1.0.0" }

local LATE_BY_S = 0.5

function LateWorker:init_worker()
  if ngx.worker.id() ~= 1 then
    return
  end
  ngx.update_time()
  local accepts_at_s = ngx.now() + LATE_BY_S
  while ngx.now() < accepts_at_s do
    ngx.update_time()
  end
end

return LateWorker
