-- Monotonic time with microsecond resolution. `ngx.now()` is cached per event
-- loop turn, so that it can't measure work that does not yield.
local ffi = require "ffi"


local tonumber = tonumber


-- Linux: <time.h>, CLOCK_MONOTONIC
local CLOCK_MONOTONIC = 1


-- Another plugin may have declared the same function: redeclaring an identical
-- prototype is allowed, a struct of the same name is not, hence none is named.
ffi.cdef [[
  int clock_gettime(int clock, void *time);
]]


local time = ffi.new("struct { long seconds; long nanoseconds; }")
-- Kong declares the function with `struct timespec *`, if it comes first: only a `void *`
-- converts to either.
local time_address = ffi.cast("void *", time)


local _M = {}


-- Milliseconds since an arbitrary fixed point, as a float.
function _M.now_ms()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time_address)
  return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
end


return _M
