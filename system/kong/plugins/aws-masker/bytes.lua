-- Searches bytes where they lie, without making a Lua string of them. All offsets are from 0.
local ffi = require "ffi"


local cast = ffi.cast
local tonumber = tonumber


-- Another module may have declared it: redeclaring a function is allowed.
ffi.cdef [[
  void *memchr(const void *bytes, int byte, size_t size);
]]


local C = ffi.C
local bytes_t = ffi.typeof("const uint8_t *")


local _M = {}


-- The bytes of a string; they are there as long as the string is.
function _M.of(text)
  return cast(bytes_t, text)
end


-- Offset of the next such byte from `from` on; `size` when there is none.
-- @tparam cdata p const uint8_t *
function _M.find(p, from, size, byte)
  if from >= size then
    return size
  elseif p[from] == byte then
    return from   -- a call costs more where this is not compiled
  end
  local at = cast(bytes_t, C.memchr(p + from, byte, size - from))
  if at == nil then
    return size
  end
  return tonumber(at - p)
end


return _M
