-- How much of a stream's chunk restoring need not look at: what holds no placeholder and no string that ends in the
-- beginning of one. Most events of a stream are such; they leave at the cost of a search for one letter.
--
-- All offsets are from 0.
local bytes = require "kong.plugins.aws-masker.bytes"


local byte = string.byte
local find = bytes.find


local A, W, S, UNDERSCORE = byte("AWS_", 1, -1)
local QUOTE = 0x22


local _M = {}


-- Offset of the next placeholder, as far as "AWS_" tells, or of the next beginning of "AWS_" at the end of a string
-- or of the chunk; `size` when there is none.
-- @tparam cdata p const uint8_t *
function _M.next_suspect(p, size)
  local at = find(p, 0, size, A)
  while at < size do
    local behind = at + 1
    if behind < size and p[behind] == W then
      behind = behind + 1
      if behind < size and p[behind] == S then
        behind = behind + 1
        if behind < size and p[behind] == UNDERSCORE then
          return at
        end
      end
    end
    if behind == size or p[behind] == QUOTE then
      return at
    end
    at = find(p, at + 1, size, A)
  end
  return size
end


return _M
