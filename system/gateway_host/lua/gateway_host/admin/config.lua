-- /config: the running declarative configuration, and its replacement as a whole.

local body = require "gateway_host.admin.body"
local errors = require "gateway_host.schema.errors"
local load = require "gateway_host.config.load"
local lyaml = require "lyaml"
local reply = require "gateway_host.admin.reply"
local settings = require "gateway_host.settings"
local snapshot = require "gateway_host.snapshot"
local store = require "gateway_host.config.store"


local INVALID = 14
local REFERENCES = { service = true, route = true, consumer = true }


local function refused(build_errors)
  return reply(400, {
    code = INVALID,
    name = "invalid declarative configuration",
    message = "declarative config is invalid: " .. errors.one_line(build_errors),
    fields = build_errors,
  })
end


local function accepted(config)
  local document = {}
  for _, kind in ipairs({ "services", "routes", "plugins" }) do
    if #config[kind] > 0 then
      document[kind] = snapshot.by_id(config[kind])
    end
  end
  return reply(201, document)
end


local function post(self)
  local text = body.config_text()
  if self.params.check_hash == "1" and ngx.md5(text) == snapshot.get().hash then
    return kong.response.exit(304)
  end

  local config, build_errors, why = load.text(text)
  if why == "reference" then
    -- Kong 3.9.1 fails while it writes its own message.
    ngx.log(ngx.ERR, errors.one_line(build_errors))
    return reply(500, { message = "An unexpected error occurred" })
  end
  if not config then
    return refused(build_errors)
  end

  local ok, err = store.publish(config)
  if not ok then
    ngx.log(ngx.ERR, "failed loading declarative config into cache: ", err)
    return reply(500, { message = "An unexpected error occurred" })
  end
  return accepted(config)
end


-- YAML's own null, and references by id alone, as Kong exports them.
local function exported(value, key)
  if value == ngx.null then
    return lyaml.null
  end
  if type(value) ~= "table" then
    return value
  end
  if REFERENCES[key] and value.id then
    return value.id
  end

  local copied = {}
  for name, item in pairs(value) do
    copied[name] = exported(item, name)
  end
  return copied
end


local function get()
  local now = snapshot.get()
  local lines = { "_format_version: '3.0'", "_transform: false", "" }
  local text = table.concat(lines, "\n")
  for _, kind in ipairs({ "services", "routes", "plugins" }) do
    if #now[kind] > 0 then
      local dumped = lyaml.dump({ { [kind] = exported(now[kind]) } })
      text = text .. dumped:gsub("^%-%-%-\n", ""):gsub("%.%.%.\n$", "")
    end
  end
  return reply(200, { config = text })
end


local function without_database(handler)
  return function(self)
    if settings.database ~= "off" then
      return reply(400, { message = "this endpoint is only available when Kong is configured to not use a database" })
    end
    return handler(self)
  end
end


return { ["/config"] = { GET = without_database(get), POST = without_database(post), HEAD = without_database(get) } }
