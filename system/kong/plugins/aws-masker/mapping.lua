-- What stands for what in one request and its response. Lives as long as they do,
-- in the request's own context.
--
-- Placeholder: AWS_<NAME>_<number>, at least three digits, numbered per kind in the order
-- in which the identifiers first appear.
local catalogue = require "kong.plugins.aws-masker.catalogue"


local format = string.format


local _M = {}


function _M.new()
  return {
    placeholders = {},   -- original → placeholder
    originals = {},      -- kind → array of originals
    counts = {},         -- kind → replaced spans
    total = 0,           -- replaced spans
  }
end


-- The placeholder of an identifier, a new one when it has none.
function _M.issue(mapping, kind, original)
  mapping.total = mapping.total + 1
  mapping.counts[kind] = (mapping.counts[kind] or 0) + 1

  local placeholder = mapping.placeholders[original]
  if not placeholder then
    local originals = mapping.originals[kind]
    if not originals then
      originals = {}
      mapping.originals[kind] = originals
    end
    local number = #originals + 1
    originals[number] = original
    placeholder = format("AWS_%s_%03d", catalogue.names[kind], number)
    mapping.placeholders[original] = placeholder
  end

  return placeholder
end


-- The original behind AWS_<name of kind>_<digits>; nil when that was not issued.
function _M.original(mapping, kind, digits)
  local originals = mapping.originals[kind]
  local number = tonumber(digits)
  if originals and format("%03d", number) == digits then
    return originals[number]
  end
end


function _M.is_empty(mapping)
  return next(mapping.originals) == nil
end


return _M
