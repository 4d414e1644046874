-- A growing array of stretches of a body, outside the Lua heap's tables: a body of
-- 32 MB can hold millions of strings.
--
-- Entry, offsets from 0: `first` and `last` (exclusive) in the body, `at` in the decoded
-- text, `flags`.
local ffi = require "ffi"


local ffi_copy = ffi.copy
local ffi_new = ffi.new
local ffi_sizeof = ffi.sizeof


local CAPACITY_MIN = 64

local span_t = ffi.typeof("struct { int32_t first, last, at, flags; }")
local span_array_t = ffi.typeof("$[?]", span_t)
local SPAN_BYTES = ffi_sizeof(span_t)


local _M = {
  ESCAPED = 1,   -- holds escapes
  VALUE = 2,     -- is the value of the key that is the entry before
  OPAQUE = 4,    -- is not to be searched
  THINKING = 8,  -- belongs to a thinking block: what stands for a placeholder there was issued
}


-- An empty array: { n = count, entries = cdata with indexes from 0 }
function _M.new()
  return { n = 0, capacity = CAPACITY_MIN, entries = ffi_new(span_array_t, CAPACITY_MIN) }
end


-- Appends one entry.
-- @treturn number its index
function _M.append(spans, first, last, flags)
  local n = spans.n
  if n == spans.capacity then
    local entries = ffi_new(span_array_t, n * 2)
    ffi_copy(entries, spans.entries, n * SPAN_BYTES)
    spans.entries = entries
    spans.capacity = n * 2
  end

  local entry = spans.entries[n]
  entry.first = first
  entry.last = last
  entry.flags = flags
  spans.n = n + 1
  return n
end


return _M
