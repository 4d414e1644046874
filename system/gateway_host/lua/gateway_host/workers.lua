-- What the workers tell each other of themselves: pid and size of the Lua heap, by worker number.

local json = require "gateway_host.json"


local WORKER = "gateway_host:worker:"
-- Workers start within milliseconds of each other; who asks in between waits for the rest.
local START_TIMEOUT_S = 2
local LOOK_AGAIN_S = 0.005


local workers = {}


local dict = ngx.shared.kong_core_db_cache


-- Say how this worker is doing. Called at start and by its timer; a worker that leaves keeps silent, its successor
-- has taken its number.
function workers.report()
  if ngx.worker.exiting() then
    return
  end
  dict:set(WORKER .. ngx.worker.id(), json.encode({
    pid = ngx.worker.pid(),
    heap_bytes = math.floor(collectgarbage("count") * 1024),
  }))
end


local function reported()
  local list = {}
  for id = 0, ngx.worker.count() - 1 do
    local text = dict:get(WORKER .. id)
    if text then
      list[#list + 1] = json.decode(text)
    end
  end
  return list
end


-- `{ pid, heap_bytes }` of each worker that runs. Yields while some are still starting.
function workers.list()
  workers.report()
  local deadline = ngx.now() + START_TIMEOUT_S
  local list = reported()
  while #list < ngx.worker.count() and ngx.now() < deadline do
    ngx.sleep(LOOK_AGAIN_S)
    list = reported()
  end
  return list
end


return workers
