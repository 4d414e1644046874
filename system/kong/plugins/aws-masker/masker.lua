-- Replaces the identifiers in a text by placeholders and leaves every other byte alone.
local byte_buffer = require "kong.plugins.aws-masker.byte_buffer"
local bytes = require "kong.plugins.aws-masker.bytes"
local catalogue = require "kong.plugins.aws-masker.catalogue"
local decoded_text = require "kong.plugins.aws-masker.decoded_text"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local scanner = require "kong.plugins.aws-masker.scanner"
local spans_array = require "kong.plugins.aws-masker.spans"


local band = require("bit").band
local ceil = math.ceil
local kinds = catalogue.kinds
local match = string.match
local put = byte_buffer.put
local sub = string.sub


local THINKING = spans_array.THINKING

-- Longer numbers may be identifiers themselves, such as those of accounts.
local ISSUED_DIGITS_MAX = 6

-- How much longer a body mostly becomes at most; for a longer one there will be room as well.
local GROWTH = 1 / 8

-- Where the masked bytes are put together
local masked = byte_buffer.new()


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
  if found.n == 0 then
    return raw
  end

  local locate = decoded_text.locator(decoded)
  local p = bytes.of(raw)
  local entries = found.entries
  byte_buffer.clear(masked)   -- also of what a call left that broke off
  byte_buffer.reserve(masked, ceil(#raw * (1 + GROWTH)))
  local done = 0   -- so many bytes of `raw` are masked
  for n = 0, found.n - 1 do
    local identifier = entries[n]
    local kind = kinds[identifier.kind]
    local original = sub(text, identifier.from, identifier.to)
    local from, to, flags = locate(identifier.from, identifier.to)
    if not is_of_thinking(kind, original, flags) then
      local placeholder = mapping_of.issue(mapping, kind, original)
      put(masked, p + done, from - 1 - done)
      put(masked, placeholder, #placeholder)
      done = to
    end
  end
  put(masked, p + done, #raw - done)

  local result = byte_buffer.text(masked)
  byte_buffer.clear(masked)   -- gives back what it took for a large body
  return result
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
