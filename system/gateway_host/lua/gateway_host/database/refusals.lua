-- What Kong's Admin API says when the database, or the schema, refuses an entity: `{ status, document }` each.

local errors = require "gateway_host.schema.errors"
local json = require "gateway_host.json"


local refusals = {}


local function refusal(status, code, name, message, fields)
  return { status = status, document = { code = code, name = name, message = message, fields = fields } }
end


-- Every message of an error table, with the path to its field when it is nested: Kong lists one level so.
local function listed(field_errors)
  local messages = {}
  for _, message in ipairs(field_errors["@entity"] or {}) do
    messages[#messages + 1] = message
  end
  for _, field in ipairs(json.sorted_keys(field_errors)) do
    local err = field_errors[field]
    if field ~= "@entity" and type(err) == "table" then
      for _, name in ipairs(json.sorted_keys(err)) do
        local inner = err[name]
        messages[#messages + 1] = string.format("%s.%s: %s", field, name,
                                                type(inner) == "table" and errors.one_line(inner) or tostring(inner))
      end
    elseif field ~= "@entity" then
      messages[#messages + 1] = field .. ": " .. tostring(err)
    end
  end
  return messages
end


function refusals.schema(field_errors)
  local messages = listed(field_errors)
  local count = #messages == 1 and "" or #messages .. " "
  local noun = #messages == 1 and "schema violation" or "schema violations"
  return refusal(400, 2, "schema violation", string.format("%s%s (%s)", count, noun, table.concat(messages, "; ")),
                 field_errors)
end


function refusals.primary_key(id)
  return refusal(400, 3, "primary key violation", string.format("primary key violation on key '{id=%q}'", id),
                 { id = id })
end


function refusals.unresolved(field, parent, name)
  local message = string.format("the foreign key cannot be resolved with '{name=%q}' for an existing '%s' entity",
                                name, parent)
  return refusal(400, 13, "foreign keys unresolved",
                 string.format("foreign key unresolved (%s.name: %s)", field, message),
                 { [field] = { name = message } })
end


function refusals.foreign_key(field, parent, id)
  return refusal(400, 4, "foreign key violation",
                 string.format("the foreign key '{id=%q}' does not reference an existing '%s' entity.", id, parent),
                 { [field] = { id = id } })
end


function refusals.referenced(kind, by)
  return refusal(400, 4, "foreign key violation",
                 string.format("an existing '%s' entity references this '%s' entity", by, kind),
                 { ["@referenced_by"] = by })
end


local function shown(value)
  return value == ngx.null and "null" or errors.one_line(value)
end


function refusals.unique(key)
  local parts = {}
  for _, name in ipairs(json.sorted_keys(key)) do
    parts[#parts + 1] = name .. "=" .. shown(key[name])
  end
  return refusal(409, 5, "unique constraint violation",
                 string.format("UNIQUE violation detected on '{%s}'", table.concat(parts, ",")), key)
end


function refusals.unexpected(message)
  ngx.log(ngx.ERR, "[postgres] ", message)
  return { status = 500, document = { message = "An unexpected error occurred" } }
end


function refusals.not_found()
  return { status = 404, document = { message = "Not found" } }
end


return refusals
