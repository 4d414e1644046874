-- Replaces the identifiers in a text by placeholders and leaves every other byte alone.
local decoded_text = require "kong.plugins.aws-masker.decoded_text"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local scanner = require "kong.plugins.aws-masker.scanner"
local spans_array = require "kong.plugins.aws-masker.spans"


local band = require("bit").band
local concat = table.concat
local match = string.match
local sub = string.sub


local THINKING = spans_array.THINKING

-- Longer numbers may be identifiers themselves, such as those of accounts.
local ISSUED_DIGITS_MAX = 6


-- Whether it is a placeholder in a thinking block. The client got the block as the upstream had
-- sent it, and the upstream must get the same bytes again.
local function is_of_thinking(kind, text, flags)
  return kind == "literal" and band(flags, THINKING) ~= 0 and #match(text, "%d+$") <= ISSUED_DIGITS_MAX
end


-- @tparam table decoded see decoded_text.lua
-- @treturn string|nil the raw bytes with placeholders
local function mask(decoded, rules, mapping)
  local text, raw = decoded.text, decoded.raw
  if text == "" then
    return raw
  end

  local found, err = scanner.scan(text, rules)
  if not found then
    return nil, err
  end
  if #found == 0 then
    return raw
  end

  local locate = decoded_text.locator(decoded)
  local pieces = {}
  local n = 0
  local done = 0
  for i = 1, #found do
    local identifier = found[i]
    local original = sub(text, identifier.from, identifier.to)
    local from, to, flags = locate(identifier.from, identifier.to)
    if not is_of_thinking(identifier.kind, original, flags) then
      pieces[n + 1] = sub(raw, done + 1, from - 1)
      pieces[n + 2] = mapping_of.issue(mapping, identifier.kind, original)
      n = n + 2
      done = to
    end
  end
  pieces[n + 1] = sub(raw, done + 1)

  return concat(pieces)
end


-- All of them:
-- @tparam string raw
-- @tparam table rules array of the catalogue's rules
-- @tparam table mapping gains what is found
-- @treturn string|nil the same bytes with placeholders; nil: not searched, must not go on
-- @treturn nil|string why not, without any of the text
local _M = {}


-- A JSON text.
-- @treturn nil|boolean third result: true when it is not JSON
function _M.mask_json(raw, rules, mapping)
  local decoded, err = decoded_text.of_json(raw)
  if not decoded then
    return nil, "not JSON: " .. err, true
  end
  return mask(decoded, rules, mapping)
end


-- Text that may be percent-encoded: a path, a query, a form
function _M.mask_percent_encoded(raw, rules, mapping)
  return mask(decoded_text.of_percent_encoded(raw), rules, mapping)
end


function _M.mask_plain(raw, rules, mapping)
  return mask(decoded_text.of_plain(raw), rules, mapping)
end


return _M
