-- Entities in PostgreSQL: validated as Kong validates them, kept with the constraints that Kong's tables have.
-- Each function returns what was asked for, or nil and a refusal (`gateway_host.database.refusals`).

local connection = require "gateway_host.database.connection"
local declarative = require "gateway_host.config.declarative"
local json = require "gateway_host.json"
local merge = require "gateway_host.database.merge"
local refusals = require "gateway_host.database.refusals"
local uuid = require "gateway_host.uuid"


local COLUMNS = {
  services = { "id", "name", "entity" },
  routes = { "id", "name", "service_id", "entity" },
  plugins = { "id", "name", "service_id", "route_id", "cache_key", "entity" },
}
local PARENTS = { service = "services", route = "routes" }
-- The field by which an entity can be named instead of by its id.
local NAME_FIELD = { services = "name", routes = "name", plugins = "instance_name" }


local store = {}


local function reference_id(value)
  return value ~= nil and value ~= ngx.null and value.id or ngx.null
end


local function reference_text(value)
  local id = reference_id(value)
  return id ~= ngx.null and id or ""
end


local function entity_of(kind, row)
  local item = json.decode(row.entity)
  -- Marks its lists again: JSON does not tell an empty one from an empty object once it is decoded.
  declarative.fill(kind, item)
  return item
end


local function rows(statement, values)
  local found, err = connection.query(statement, values)
  if not found then
    return nil, refusals.unexpected(err)
  end
  return found
end


-- All entities of a kind, by id, as Kong pages through them.
function store.all(kind)
  local found, refusal = rows("SELECT entity FROM " .. kind .. " ORDER BY id", {})
  if not found then
    return nil, refusal
  end
  local list = json.array({})
  for i, row in ipairs(found) do
    list[i] = entity_of(kind, row)
  end
  return list
end


-- The entity of that id or name; nil when there is none.
function store.find(kind, key)
  local column = uuid.is_valid(key) and "id" or "name"
  local found, refusal = rows("SELECT entity FROM " .. kind .. " WHERE " .. column .. " = ?", { key })
  return found and found[1] and entity_of(kind, found[1]), refusal
end


-- Turns `{ name = … }` of a parent into its id.
local function resolve(kind, item)
  for field, parent in pairs(PARENTS) do
    local reference = item[field]
    if type(reference) == "table" and not reference.id and reference.name then
      local found, refusal = store.find(parent, reference.name)
      if not found then
        return refusal or refusals.unresolved(field, parent, reference.name)
      end
      item[field] = { id = found.id }
    end
  end
end


local function unique_key(kind, item, constraint)
  if constraint == "plugins_cache_key_key" then
    return { name = item.name, route = item.route, service = item.service, consumer = ngx.null }
  end
  local field = NAME_FIELD[kind]
  return { [field] = item[field] }
end


-- What PostgreSQL's message about a broken constraint is in Kong's words.
local function refused(kind, item, message)
  local constraint = message:match('constraint "([%w_]+)"')
  if not constraint then
    return refusals.unexpected(message)
  end
  if constraint == kind .. "_pkey" then
    return refusals.primary_key(item.id)
  end
  local field = constraint:match("^" .. kind .. "_(%w+)_id_fkey$")
  if field then
    return refusals.foreign_key(field, PARENTS[field], item[field].id)
  end
  return refusals.unique(unique_key(kind, item, constraint))
end


local function values_of(kind, item)
  local of = {
    id = item.id,
    name = item[NAME_FIELD[kind]],
    service_id = reference_id(item.service),
    route_id = reference_id(item.route),
    cache_key = table.concat({ "plugins", item.name ~= ngx.null and item.name or "", reference_text(item.route),
                               reference_text(item.service) }, ":"),
    entity = json.encode(item),
  }
  local values = {}
  for i, column in ipairs(COLUMNS[kind]) do
    values[i] = of[column]
  end
  return values
end


local function insert_statement(kind)
  local columns = COLUMNS[kind]
  local marks = string.rep("?", #columns, ", ")
  return string.format("INSERT INTO %s (%s) VALUES (%s)", kind, table.concat(columns, ", "), marks)
end


local function update_statement(kind)
  local assignments = {}
  for i, column in ipairs(COLUMNS[kind]) do
    assignments[i] = column .. " = ?"
  end
  return string.format("UPDATE %s SET %s WHERE id = ?", kind, table.concat(assignments, ", "))
end


-- Validate an entity, with its defaults, and write it with a statement.
local function write(kind, item, statement, further)
  local refusal = resolve(kind, item)
  if refusal then
    return nil, refusal
  end
  local field_errors = declarative.validate_item(kind, item)
  if field_errors then
    return nil, refusals.schema(field_errors)
  end
  local now = ngx.time()
  item.id = item.id ~= ngx.null and item.id or uuid.random()
  item.created_at = item.created_at ~= ngx.null and item.created_at or now
  item.updated_at = now

  local values = values_of(kind, item)
  values[#values + 1] = further
  local written, err = connection.query(statement, values)
  if not written then
    return nil, refused(kind, item, err)
  end
  return item
end


function store.insert(kind, item)
  return write(kind, item, insert_statement(kind))
end


-- Change the fields that are given; a record's own fields one by one, anything else as a whole.
function store.update(kind, key, changes)
  local item, refusal = store.find(kind, key)
  if not item then
    return nil, refusal or refusals.not_found()
  end
  return write(kind, merge(item, changes), update_statement(kind), item.id)
end


-- Put an entity in the place of the one of that key, or make it.
function store.upsert(kind, key, item)
  local old, refusal = store.find(kind, key)
  if refusal then
    return nil, refusal
  end
  if old then
    item.id, item.created_at = old.id, old.created_at
  elseif uuid.is_valid(key) then
    item.id = key
  end
  if not uuid.is_valid(key) then
    item[NAME_FIELD[kind]] = key
  end
  if old then
    return write(kind, item, update_statement(kind), old.id)
  end
  return store.insert(kind, item)
end


-- Remove an entity; harmless when there is none.
function store.delete(kind, key)
  local column = uuid.is_valid(key) and "id" or "name"
  local done, err = connection.query("DELETE FROM " .. kind .. " WHERE " .. column .. " = ?", { key })
  if done then
    return true
  end
  local by = err:match('still referenced from table "(%w+)"')
  return nil, by and refusals.referenced(kind, by) or refusals.unexpected(err)
end


return store
