-- Reads placeholders, AWS_<NAME>_<three digits or more>, in a text that may end
-- anywhere. The names are those of the catalogue.
local bytes = require "kong.plugins.aws-masker.bytes"
local catalogue = require "kong.plugins.aws-masker.catalogue"
local ffi = require "ffi"


local byte = string.byte
local find = string.find
local sub = string.sub
local tonumber = tonumber


local HEAD = "AWS_"
local HEAD_BEHIND_A = "WS_"   -- to be looked for: in most texts its first letter is much rarer than A
local A, W, S, UNDERSCORE = byte(HEAD, 1, -1)
local DIGITS_MIN = 3

local is_of_placeholder = ffi.new("uint8_t[256]")
for character in ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"):gmatch(".") do
  is_of_placeholder[byte(character)] = 1
end


-- Names as a tree: byte → node; the node behind "<NAME>_" has `kind`. `kinds` of a node are
-- those whose names go through it. No name goes on with a digit behind another name and "_".
local function name_tree()
  local root = { kinds = {} }
  for name, kind in pairs(catalogue.kinds_by_name) do
    local node = root
    root.kinds[#root.kinds + 1] = kind
    for character in (name .. "_"):gmatch(".") do
      local key = byte(character)
      node[key] = node[key] or { kinds = {} }
      node = node[key]
      node.kinds[#node.kinds + 1] = kind
    end
    node.kind = kind
  end
  return root
end


local NAMES = name_tree()


-- Whether a number from 1 to `count`, written with at least three digits,
-- begins with `digits` (at least one).
local function begins_number(digits, count)
  local value = tonumber(digits)
  for width = DIGITS_MIN, math.max(DIGITS_MIN, #tostring(count)) do
    if width >= #digits and (width == DIGITS_MIN or byte(digits) ~= 0x30) then
      local scale = 10 ^ (width - #digits)
      local lowest = math.max(value * scale, 1)
      local highest = value * scale + scale - 1
      if lowest <= count and lowest <= highest then
        return true
      end
    end
  end

  return false
end


local function any_issued(kinds, originals)
  for n = 1, #kinds do
    if originals[kinds[n]] then
      return true
    end
  end
  return false
end


local _M = {}


-- Reads on from an "AWS_" at `from`.
-- @tparam table originals kind → array of originals, as issued
-- @tparam boolean is_all nothing follows the text
-- @treturn string "none": no placeholder begins here; "whole": one does; "partial": the
-- text ends before that is known
-- @treturn "whole": kind, digits, offset of its last byte.
-- "partial": whether it may become one that was issued
function _M.read(text, from, originals, is_all)
  local size = #text
  local pos = from + #HEAD
  local node = NAMES
  while true do
    local following = byte(text, pos)
    if not following then
      if is_all then
        return "none"
      end
      return "partial", any_issued(node.kinds, originals)
    end

    -- A name may begin with another one: VPC and VPC_ENDPOINT.
    if node.kind and following >= 0x30 and following <= 0x39 then
      break
    end

    node = node[following]
    if not node then
      return "none"
    end
    pos = pos + 1
  end

  local last = pos - 1
  local following = byte(text, pos)
  while following and following >= 0x30 and following <= 0x39 do
    last = last + 1
    following = byte(text, last + 1)
  end
  local digits = sub(text, pos, last)
  local is_long_enough = #digits >= DIGITS_MIN
  if last == size and not is_all then
    local issued = originals[node.kind]
    local may_be_issued = issued ~= nil and begins_number(digits, #issued)
    if may_be_issued or not is_long_enough then
      return "partial", may_be_issued
    end
  end

  if is_long_enough then
    return "whole", node.kind, digits, last
  end
  return "none"
end


-- Offset of the next "AWS_" from `pos` on; nil when there is none.
function _M.find_head(text, pos)
  local at = pos
  repeat
    at = find(text, HEAD_BEHIND_A, at + 1, true)
  until not at or byte(text, at - 1) == A
  return at and at - 1
end


-- Offset (from 0) of the first "AWS_", or of the beginning of one at the end; `size` when there is neither.
-- @tparam cdata p const uint8_t *
function _M.next_suspect(p, size)
  local at = bytes.find(p, 1, size, W)
  while at < size do
    if p[at - 1] == A
       and (at + 1 == size or (p[at + 1] == S and (at + 2 == size or p[at + 2] == UNDERSCORE)))
    then
      return at - 1
    end
    at = bytes.find(p, at + 1, size, W)
  end
  return size > 0 and p[size - 1] == A and size - 1 or size
end


-- How many of the bytes, from the first on, may stand in a placeholder.
-- @tparam cdata p const uint8_t *
function _M.word_size(p, size)
  local at = 0
  while at < size and is_of_placeholder[p[at]] == 1 do
    at = at + 1
  end
  return at
end


-- Offset at which the text, from `pos` on, ends in a beginning of "AWS_"; behind its end when
-- it does not.
function _M.cut_head(text, pos)
  for length = #HEAD - 1, 1, -1 do
    local from = #text - length + 1
    if from >= pos and sub(text, from) == sub(HEAD, 1, length) then
      return from
    end
  end
  return #text + 1
end


return _M
