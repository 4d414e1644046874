-- Text of any size, of which nothing but the size matters, without a new Lua string for each.
local floor = math.floor
local rep = string.rep


-- A text is so many times the largest string, one of the middle ones and one of the small ones.
local STEP = 64
local LARGEST_SIZE = STEP * STEP
local LARGEST = rep(" ", LARGEST_SIZE)

local middle, small = {}, {}
for n = 0, STEP - 1 do
  middle[n] = rep(" ", n * STEP)
  small[n] = rep(" ", n)
end

local arrays = {}   -- times → array that begins with the largest string so many times


local _M = {}


-- @treturn table array of strings that have that size together, to be used before the next call
function _M.of(size)
  local times = floor(size / LARGEST_SIZE)
  local array = arrays[times]
  if not array then
    array = {}
    for n = 1, times do
      array[n] = LARGEST
    end
    arrays[times] = array
  end

  local rest = size - times * LARGEST_SIZE
  local steps = floor(rest / STEP)
  array[times + 1] = middle[steps]
  array[times + 2] = small[rest - steps * STEP]
  return array
end


return _M
