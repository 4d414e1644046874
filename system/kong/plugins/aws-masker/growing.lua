-- Growing arrays of structs, outside the Lua heap's tables: a body of 32 MB can hold millions of strings.
local ffi = require "ffi"


local ffi_copy = ffi.copy
local ffi_new = ffi.new
local ffi_sizeof = ffi.sizeof
local ffi_typeof = ffi.typeof


local CAPACITY_MIN = 64


local _M = {}


-- @tparam string declaration of the struct, in C
-- @treturn table what `new` wants; to be made once, since that is never compiled
function _M.of(declaration)
  local entry_t = ffi_typeof(declaration)
  return { array_t = ffi_typeof("$[?]", entry_t), entry_bytes = ffi_sizeof(entry_t) }
end


-- @treturn table an empty array: { n = count, entries = cdata with indexes from 0 }
function _M.new(of)
  return { n = 0, capacity = CAPACITY_MIN, entries = ffi_new(of.array_t, CAPACITY_MIN), of = of }
end


-- Makes room for one more; references to entries, taken before, are void.
function _M.reserve(array)
  local n = array.n
  if n == array.capacity then
    local entries = ffi_new(array.of.array_t, n * 2)
    ffi_copy(entries, array.entries, n * array.of.entry_bytes)
    array.entries = entries
    array.capacity = n * 2
  end
end


return _M
