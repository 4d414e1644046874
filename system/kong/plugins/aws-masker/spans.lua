-- The strings of a body, in order: a growing array (see growing.lua).
--
-- Entry, offsets from 0: `first` and `last` (exclusive) in the body, `at` in the decoded
-- text, `flags`.
local growing = require "kong.plugins.aws-masker.growing"


local reserve = growing.reserve


local SPANS = growing.of("struct { int32_t first, last, at, flags; }")


local _M = {
  ESCAPED = 1,   -- holds escapes
  VALUE = 2,     -- is the value of the key that is the entry before
  OPAQUE = 4,    -- is not to be searched
  THINKING = 8,  -- belongs to a thinking block: what stands for a placeholder there was issued
}


function _M.new()
  return growing.new(SPANS)
end


-- Appends one entry.
-- @treturn number its index
function _M.append(spans, first, last, flags)
  reserve(spans)
  local n = spans.n
  local entry = spans.entries[n]
  entry.first = first
  entry.last = last
  entry.flags = flags
  spans.n = n + 1
  return n
end


return _M
