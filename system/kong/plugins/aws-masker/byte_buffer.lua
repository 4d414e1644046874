-- Puts bytes together without making Lua strings of them, in memory that is used again.
local ffi = require "ffi"


local ffi_copy = ffi.copy
local ffi_new = ffi.new
local ffi_string = ffi.string
local max = math.max


local CAPACITY_MIN = 16 * 1024

-- What more was needed is not kept.
local CAPACITY_KEPT_MAX = 256 * 1024

local bytes_t = ffi.typeof("uint8_t[?]")


local _M = {}


-- @treturn table `bytes`: cdata, `size`: how many of them were put
function _M.new()
  return { bytes = ffi_new(bytes_t, CAPACITY_MIN), size = 0, capacity = CAPACITY_MIN }
end


local function grow(buffer, size)
  local capacity = max(size, 2 * buffer.capacity)
  local bytes = ffi_new(bytes_t, capacity)
  ffi_copy(bytes, buffer.bytes, buffer.size)
  buffer.bytes = bytes
  buffer.capacity = capacity
end


-- Makes room for so many bytes in all: growing step by step would copy them again and again.
function _M.reserve(buffer, size)
  if size > buffer.capacity then
    grow(buffer, size)
  end
end


-- @tparam cdata|string source
function _M.put(buffer, source, size)
  local at = buffer.size
  local behind = at + size
  if behind > buffer.capacity then
    grow(buffer, behind)
  end
  ffi_copy(buffer.bytes + at, source, size)
  buffer.size = behind
end


-- All of it, as a Lua string
function _M.text(buffer)
  return ffi_string(buffer.bytes, buffer.size)
end


function _M.clear(buffer)
  buffer.size = 0
  if buffer.capacity > CAPACITY_KEPT_MAX then
    buffer.bytes = ffi_new(bytes_t, CAPACITY_MIN)
    buffer.capacity = CAPACITY_MIN
  end
end


return _M
