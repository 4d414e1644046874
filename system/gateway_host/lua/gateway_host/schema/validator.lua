-- Kong's schema language: fills in defaults and validates a table against `fields`.
-- Errors mirror the value: `{ redis = { port = "value should be between 0 and 65535" } }`.

local checks = require "gateway_host.schema.checks"
local json = require "gateway_host.json"


local null = ngx.null


local validator = {}


local function copy(value)
  if type(value) ~= "table" or value == null then
    return value
  end

  local copied = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    copied[key] = copy(item)
  end
  return copied
end


-- Each field definition of a list such as `{ { host = {…} }, { port = {…} } }`, by name and definition.
local function each(fields)
  local i = 0
  return function()
    i = i + 1
    local entry = fields[i]
    if entry then
      return next(entry)
    end
  end
end
validator.each = each


local function is_list(value)
  if type(value) ~= "table" then
    return false
  end

  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return false
    end
    count = count + 1
  end
  return count == #value
end


local function is_map(value)
  if type(value) ~= "table" then
    return false
  end

  for key in pairs(value) do
    if type(key) ~= "string" then
      return false
    end
  end
  return true
end


local TYPES = {
  boolean = { "expected a boolean", function(value) return type(value) == "boolean" end },
  number = { "expected a number", function(value) return type(value) == "number" end },
  integer = {
    "expected an integer",
    function(value) return type(value) == "number" and value == math.floor(value) end,
  },
  string = { "expected a string", function(value) return type(value) == "string" end },
  array = { "expected an array", is_list },
  set = { "expected a set", is_list },
  map = { "expected a map", is_map },
  record = { "expected a record", is_map },
  foreign = { "expected a record", function(value) return type(value) == "table" or type(value) == "string" end },
  ["function"] = { "expected a function", function(value) return type(value) == "function" end },
}


local validate_field


local function validate_items(definition, value)
  local errors
  local seen = {}
  for i, item in ipairs(value) do
    local err = validate_field(definition.elements, item)
    if not err and definition.type == "set" then
      err = seen[item] and "duplicate value" or nil
      seen[item] = true
    end
    if err then
      errors = errors or {}
      errors[i] = err
    end
  end
  return errors
end


local function validate_map(definition, value)
  local errors
  for key, item in pairs(value) do
    local err = definition.keys and validate_field(definition.keys, key)
                or definition.values and validate_field(definition.values, item)
    if err then
      errors = errors or {}
      errors[key] = err
    end
  end
  return errors
end


local function validate_inside(definition, value)
  if definition.type == "record" then
    return validator.validate(definition, value)
  end
  if definition.type == "map" then
    return validate_map(definition, value)
  end
  if definition.type == "array" or definition.type == "set" then
    return validate_items(definition, value)
  end
end


function validate_field(definition, value)
  if value == null or value == nil then
    return definition.required and not definition.auto and "required field missing" or nil
  end
  if definition.eq == null then
    return "value must be null"
  end

  local expected = TYPES[definition.type]
  if not expected[2](value) then
    return expected[1]
  end

  local errors = validate_inside(definition, value)
  if errors then
    return errors
  end

  -- Kong refuses an empty string unless the schema allows it.
  if definition.type == "string" and value == "" and not definition.len_min and not definition.len_eq then
    return "length must be at least 1"
  end

  for _, name in ipairs(checks.ORDER) do
    local argument = definition[name]
    if argument ~= nil then
      local err = checks[name](value, argument)
      if err then
        return definition.err or err
      end
    end
  end
end


-- Fill in defaults, in place. A required record is made so that its own defaults apply.
function validator.fill(record, value)
  for name, definition in each(record.fields) do
    if value[name] == nil then
      if definition.default ~= nil then
        value[name] = copy(definition.default)
      elseif definition.type == "record" and definition.required then
        value[name] = {}
      else
        value[name] = null
      end
    end

    local field = value[name]
    if definition.type == "record" and is_map(field) then
      validator.fill(definition, field)
    elseif (definition.type == "array" or definition.type == "set") and is_list(field) then
      if definition.elements.type == "record" then
        for _, item in ipairs(field) do
          if is_map(item) then
            validator.fill(definition.elements, item)
          end
        end
      end
      value[name] = json.array(field)
    end
  end
end


-- Errors by field, or nil.
function validator.validate(record, value)
  local errors = {}
  local known = {}
  for name, definition in each(record.fields) do
    known[name] = true
    errors[name] = validate_field(definition, value[name])
  end
  for name in pairs(value) do
    if not known[name] then
      errors[name] = "unknown field"
    end
  end

  if next(errors) == nil then
    return nil
  end
  return errors
end


-- Check a definition itself: nil, or what is wrong with it.
function validator.check_definition(path, definition)
  if type(definition) ~= "table" or not TYPES[definition.type] then
    return string.format("field '%s': invalid type: %s", path, tostring(definition and definition.type))
  end

  local unknown = checks.unknown_attribute(definition)
  if unknown then
    return string.format("field '%s': attribute '%s' is not provided by the embedded gateway host", path, unknown)
  end
  if definition.entity_checks then
    return string.format("field '%s': entity_checks are not provided by the embedded gateway host", path)
  end

  for _, part in ipairs({ "elements", "keys", "values" }) do
    if definition[part] then
      local err = validator.check_definition(path .. "." .. part, definition[part])
      if err then
        return err
      end
    end
  end
  if definition.type == "record" then
    for name, field in each(definition.fields) do
      local err = validator.check_definition(path .. "." .. name, field)
      if err then
        return err
      end
    end
  end
end


return validator
