-- A declarative configuration: validated, defaults filled in, flattened into services, routes and plugins.
-- `declarative.build(table)` returns `{ services = {…}, routes = {…}, plugins = {…} }` or nil and an error table.

local entities = require "gateway_host.config.entities"
local json = require "gateway_host.json"
local plugins = require "gateway_host.plugins"
local shorthand = require "gateway_host.config.shorthand"
local uuid = require "gateway_host.uuid"
local validator = require "gateway_host.schema.validator"


local FORMAT_VERSIONS = { ["1.1"] = true, ["2.1"] = true, ["3.0"] = true }
local HEADER_FIELDS = { _format_version = "string", _transform = "boolean", _comment = "string", _ignore = "table",
                        _info = "table" }


local declarative = {}


-- The record that an entity is validated against; a plugin's own schema is put into it.
local function record_of(kind, item)
  if kind ~= "plugins" then
    return entities[kind]
  end
  return plugins.entity_record(item.name)
end


-- Fill in the defaults of one entity, in place.
function declarative.fill(kind, item)
  validator.fill(assert(record_of(kind, item)), item)
end


-- Nested lists are taken off the item first; what is left is validated on its own.
local function take_children(kind, item)
  local children = {}
  for child_kind in pairs(entities.CHILDREN[kind]) do
    children[child_kind] = item[child_kind]
    item[child_kind] = nil
  end
  return children
end


-- Validate one entity and fill in its defaults, in place: nil, or errors by field.
function declarative.validate_item(kind, item)
  local errors = {}
  if kind == "services" then
    errors.url = shorthand.expand(item)
  end
  item._comment, item._ignore = nil, nil

  local record, err = record_of(kind, item)
  if not record then
    return { name = err }
  end

  validator.fill(record, item)
  for field, message in pairs(validator.validate(record, item) or {}) do
    errors[field] = message
  end
  if errors.url then
    errors.host = nil
  end
  if not next(errors) then
    errors["@entity"] = entities.entity_error(kind, item)
  end
  return next(errors) and errors or nil
end


local collect


local function collect_children(found, kind, item, children)
  local errors
  for child_kind, list in pairs(children) do
    local child_errors = collect(found, child_kind, list, { field = entities.CHILDREN[kind][child_kind], item = item })
    if child_errors then
      errors = errors or {}
      errors[child_kind] = child_errors
    end
  end
  return errors
end


-- Validate a list of entities and everything nested in them; the items go to `found[kind]`.
function collect(found, kind, list, parent)
  if list == nil or list == ngx.null then
    return nil
  end
  if type(list) ~= "table" or (#list == 0 and next(list) ~= nil) then
    return "expected an array"
  end

  local errors
  for i, item in ipairs(list) do
    local item_errors
    if type(item) ~= "table" then
      item_errors = "expected a record"
    else
      local children = take_children(kind, item)
      item_errors = declarative.validate_item(kind, item)
      local child_errors = collect_children(found, kind, item, children)
      for child_kind, child_error in pairs(child_errors or {}) do
        item_errors = item_errors or {}
        item_errors[child_kind] = child_error
      end
      table.insert(found[kind], { item = item, parent = parent })
    end
    if item_errors then
      errors = errors or {}
      errors[i] = item_errors
    end
  end
  return errors
end


local function header_errors(input)
  local version = input._format_version
  if version == nil or version == ngx.null then
    return { _format_version = "required field missing" }
  end
  if not FORMAT_VERSIONS[version] then
    return { _format_version = type(version) == "string" and "expected one of: 1.1, 2.1, 3.0" or "expected a string" }
  end

  local known = {}
  for _, kind in ipairs(entities.KINDS) do
    known[kind] = true
  end
  local errors = {}
  for _, kind in ipairs(entities.NOT_PROVIDED) do
    known[kind] = true
    local list = input[kind]
    if type(list) == "table" and next(list) ~= nil then
      errors[kind] = "not provided by the embedded gateway host"
    end
  end
  for name, value in pairs(input) do
    local header_type = HEADER_FIELDS[name]
    if not known[name] and not header_type then
      errors[name] = "unknown field"
    elseif header_type and type(value) ~= header_type then
      errors[name] = "expected a " .. header_type
    end
  end
  return next(errors) and errors or nil
end


-- The text that an entity's id is made of, the same at every load.
local function id_key(kind, entry, index)
  local item = entry.item
  if kind ~= "plugins" then
    return item.name ~= ngx.null and item.name or kind .. ":" .. index
  end
  if item.instance_name ~= ngx.null then
    return item.instance_name
  end

  local route = item.route ~= ngx.null and item.route.id or ""
  local service = item.service ~= ngx.null and item.service.id or ""
  return table.concat({ "plugins", item.name, route, service, "" }, ":")
end


local function reference_key(value)
  if type(value) == "table" and value ~= ngx.null then
    return value.id or value.name
  end
  return value
end


-- Turn names of other entities into `{ id = … }`; the second value is an error by entity and field.
local function resolve_references(kind, entry, index_of)
  for field, reference_kind in pairs({ service = "services", route = "routes" }) do
    local item = entry.item
    if entry.parent and entry.parent.field == field then
      item[field] = { id = entry.parent.item.id }
    elseif item[field] ~= nil and item[field] ~= ngx.null then
      local key = reference_key(item[field])
      local target = index_of[reference_kind][key]
      if not target then
        return string.format("invalid reference '%s: %s' (no such entry in '%s')", field, tostring(key), reference_kind)
      end
      item[field] = { id = target.id }
    end
  end
end


local function duplicate_error(kind, item, index)
  if index[item.id] then
    return string.format("uniqueness violation: '%s' entity with primary key set to '%s' already declared",
                         kind, item.id)
  end
  local name = kind == "plugins" and item.instance_name or item.name
  if name ~= ngx.null and index[name] then
    return string.format("uniqueness violation: '%s' entity with %s set to '%s' already declared",
                         kind, kind == "plugins" and "instance_name" or "name", name)
  end
end


local function finish(kind, found, index_of, now)
  local finished = {}
  for i, entry in ipairs(found) do
    local item = entry.item
    local err = resolve_references(kind, entry, index_of)
    if err then
      return nil, { [kind] = { [i] = { err } } }, "reference"
    end

    item.id = item.id ~= ngx.null and item.id or uuid.of(kind, id_key(kind, entry, i))
    item.created_at = item.created_at ~= ngx.null and item.created_at or now
    item.updated_at = item.updated_at ~= ngx.null and item.updated_at or now
    err = duplicate_error(kind, item, index_of[kind])
    if err then
      return nil, { [kind] = { [i] = err } }
    end
    index_of[kind][item.id] = item
    local name = kind == "plugins" and item.instance_name or item.name
    if name ~= ngx.null then
      index_of[kind][name] = item
    end
    finished[i] = item
  end
  return json.array(finished)
end


-- Build a configuration. On failure: nil, an error table, and "reference" when an entity names one that is missing.
function declarative.build(input)
  local errors = header_errors(input)
  if errors then
    return nil, errors
  end

  local found = { services = {}, routes = {}, plugins = {} }
  errors = {}
  for _, kind in ipairs(entities.KINDS) do
    errors[kind] = collect(found, kind, input[kind])
  end
  if next(errors) then
    return nil, errors
  end

  local built = {}
  local index_of = { services = {}, routes = {}, plugins = {} }
  local now = ngx.time()
  for _, kind in ipairs(entities.KINDS) do
    local list, err, why = finish(kind, found[kind], index_of, now)
    if not list then
      return nil, err, why
    end
    built[kind] = list
  end
  return built
end


return declarative
