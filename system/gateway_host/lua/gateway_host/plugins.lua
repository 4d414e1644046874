-- The plugins of `KONG_PLUGINS`: their handlers, schemas and Admin API routes.

local entities = require "gateway_host.config.entities"
local validator = require "gateway_host.schema.validator"


local plugins = {}


-- Handlers by name; a handler may have the phases that the host runs.
plugins.handlers = {}
plugins.routes = {}
local records = {}


local PHASES = { "init_worker", "configure", "access", "header_filter", "body_filter", "log" }
local PHASES_NOT_PROVIDED = { "certificate", "rewrite", "response", "preread", "ws_handshake", "ws_client_frame",
                              "ws_upstream_frame", "ws_close" }


-- A module, or nil when there is none; an error inside one is raised.
local function optional(name)
  local ok, result = pcall(require, name)
  if ok then
    return result
  end
  if tostring(result):find("module '" .. name .. "' not found", 1, true) then
    return nil
  end
  error(result, 0)
end


local function load_schema(name)
  local schema = optional("kong.plugins." .. name .. ".schema")
  if not schema then
    error(string.format("error loading plugin schemas: on plugin '%s': no configuration schema found for plugin: %s",
                        name, name), 0)
  end

  if schema.entity_checks then
    error(string.format("error loading plugin schemas: on plugin '%s': entity_checks are not provided by the "
                        .. "embedded gateway host", name), 0)
  end

  local record = { type = "record", fields = {} }
  local own = {}
  for field, definition in validator.each(schema.fields) do
    own[field] = definition
    local err = validator.check_definition(field, definition)
    if err then
      error(string.format("error loading plugin schemas: on plugin '%s': %s", name, err), 0)
    end
  end
  for field, definition in validator.each(entities.plugins.fields) do
    local specific = own[field] or definition
    if field == "config" then
      specific = { type = "record", required = true, fields = own.config and own.config.fields or {} }
    end
    record.fields[#record.fields + 1] = { [field] = specific }
  end
  records[name] = record
end


local function check_handler(name, handler)
  if type(handler) ~= "table" or type(handler.PRIORITY) ~= "number" or type(handler.VERSION) ~= "string" then
    error(string.format("on plugin '%s': the handler must have a PRIORITY (number) and a VERSION (string)", name), 0)
  end
  for _, phase in ipairs(PHASES_NOT_PROVIDED) do
    if handler[phase] then
      error(string.format("on plugin '%s': the phase '%s' is not provided by the embedded gateway host",
                          name, phase), 0)
    end
  end
end


-- Load every enabled plugin; raises Kong's message when one is missing.
function plugins.load(names)
  for _, name in ipairs(names) do
    if name ~= "bundled" then
      local handler = optional("kong.plugins." .. name .. ".handler")
      if not handler then
        error(string.format("error loading plugin schemas: on plugin '%s': %s plugin is enabled but not installed;\n"
                            .. "no plugin found", name, name), 0)
      end
      check_handler(name, handler)
      load_schema(name)
      plugins.handlers[name] = handler
      plugins.routes[name] = optional("kong.plugins." .. name .. ".api")
    end
  end
end


-- The record for an entity of the plugin, or nil and Kong's message.
function plugins.entity_record(name)
  if type(name) ~= "string" then
    return nil, name == nil and "required field missing" or "expected a string"
  end
  if not records[name] then
    return nil, string.format("plugin '%s' not enabled; add it to the 'plugins' configuration property", name)
  end
  return records[name]
end


-- Names of the loaded plugins, highest PRIORITY first; equal ones by name, as in Kong.
function plugins.by_priority()
  local names = {}
  for name in pairs(plugins.handlers) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    local pa, pb = plugins.handlers[a].PRIORITY, plugins.handlers[b].PRIORITY
    if pa == pb then
      return a > b
    end
    return pa > pb
  end)
  return names
end


plugins.PHASES = PHASES


return plugins
