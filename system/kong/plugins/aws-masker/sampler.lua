-- Decides which requests emit events: a pure function of the request id, so that both events of a request share
-- the decision, every worker decides alike, and a raised rate keeps the requests that were chosen already.
-- docs/events.md states the function; fixtures/sampling.py is its twin.

local md5 = ngx.md5
local sub = string.sub
local tonumber = tonumber


local HASH_DIGITS = 8
local HASH_VALUES = 2 ^ (4 * HASH_DIGITS)


local _M = {}


-- request_id: string; rate: number from 0 (none) to 1 (all)
function _M.sampled(request_id, rate)
  local hash = tonumber(sub(md5(request_id), 1, HASH_DIGITS), 16)

  return hash < rate * HASH_VALUES
end


return _M
