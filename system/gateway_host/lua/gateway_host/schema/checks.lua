-- One field's value against one attribute of its definition: nil when it passes, else Kong's message.
-- `ORDER` is the order in which Kong applies them; the first that fails speaks.

local json = require "gateway_host.json"


local checks = {}


checks.ORDER = {
  "eq", "ne", "one_of", "not_one_of", "gt", "timestamp", "uuid", "is_regex", "between", "len_eq", "len_min", "len_max",
  "starts_with", "not_match", "match_none", "match", "match_all", "match_any", "contains", "custom_validator",
}

-- Attributes that describe a field and check nothing by themselves.
local DESCRIPTIVE = {
  "type", "required", "default", "elements", "keys", "values", "fields", "nilable", "referenceable", "encrypted",
  "description", "unique", "auto", "reference", "abstract", "immutable", "legacy", "deprecation", "len_min",
  "shorthand_fields", "entity_checks", "indexed", "json_schema", "err", "mutually_exclusive_subsets", "on_delete",
}


local function size(value)
  if type(value) == "string" then
    return #value
  end

  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count
end


local function shown(value)
  return value == ngx.null and "null" or tostring(value)
end


local function contains(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then
      return true
    end
  end
  return false
end


local function first_pattern(value, rules, wanted)
  for _, rule in ipairs(rules) do
    if (value:find(rule.pattern) ~= nil) ~= wanted then
      return rule.err
    end
  end
end


function checks.eq(value, wanted)
  return value ~= wanted and "value must be " .. shown(wanted) or nil
end


function checks.ne(value, unwanted)
  return value == unwanted and "value must not be " .. shown(unwanted) or nil
end


function checks.one_of(value, options)
  return not contains(options, value) and "expected one of: " .. table.concat(options, ", ") or nil
end


function checks.not_one_of(value, options)
  return contains(options, value) and "must not be one of: " .. table.concat(options, ", ") or nil
end


function checks.gt(value, limit)
  return value <= limit and "value must be greater than " .. tostring(limit) or nil
end


function checks.between(value, limits)
  if value < limits[1] or value > limits[2] then
    return string.format("value should be between %d and %d", limits[1], limits[2])
  end
end


function checks.len_eq(value, length)
  return size(value) ~= length and "length must be " .. length or nil
end


function checks.len_min(value, length)
  return size(value) < length and "length must be at least " .. length or nil
end


function checks.len_max(value, length)
  return size(value) > length and "length must be at most " .. length or nil
end


function checks.starts_with(value, head)
  return value:sub(1, #head) ~= head and "should start with: " .. head or nil
end


function checks.match(value, pattern)
  return not value:find(pattern) and "invalid value: " .. value or nil
end


function checks.not_match(value, pattern)
  return value:find(pattern) and "invalid value: " .. value or nil
end


function checks.match_all(value, rules)
  return first_pattern(value, rules, true)
end


function checks.match_none(value, rules)
  return first_pattern(value, rules, false)
end


function checks.match_any(value, rule)
  for _, pattern in ipairs(rule.patterns) do
    if value:find(pattern) then
      return nil
    end
  end
  return rule.err
end


function checks.is_regex(value)
  local _, err = ngx.re.match("any string", value)
  return err and "not a valid regex: " .. value or nil
end


function checks.timestamp(value)
  return value <= 0 and "expected a valid timestamp" or nil
end


function checks.uuid(value)
  return not require("gateway_host.uuid").is_valid(value) and "expected a valid UUID" or nil
end


function checks.contains(value, wanted)
  return not contains(value, wanted) and "expected to contain: " .. tostring(wanted) or nil
end


function checks.custom_validator(value, validate)
  local ok, err = validate(value)
  if not ok then
    return err or "failed validating: " .. json.encode(value)
  end
end


local known = {}
for _, name in ipairs(checks.ORDER) do
  known[name] = true
end
for _, name in ipairs(DESCRIPTIVE) do
  known[name] = true
end


-- An attribute the host does not know would be a rule it does not enforce: nil, or its name.
function checks.unknown_attribute(definition)
  for name in pairs(definition) do
    if not known[name] then
      return name
    end
  end
end


return checks
