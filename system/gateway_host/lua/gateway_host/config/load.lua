-- From a file or a text to a published configuration.

local declarative = require "gateway_host.config.declarative"
local errors = require "gateway_host.schema.errors"
local json = require "gateway_host.json"
local parse = require "gateway_host.config.parse"


local load = {}


-- Kong's hash of a gateway that was given no configuration.
load.EMPTY_HASH = string.rep("0", 32)


function load.empty()
  return { hash = load.EMPTY_HASH, services = json.array({}), routes = json.array({}), plugins = json.array({}) }
end


-- A configuration from its text, or nil, an error table, and why (see declarative.build).
function load.text(text)
  local input, err = parse.text(text)
  if not input then
    return nil, { error = err }
  end

  local built, build_errors, why = declarative.build(input)
  if not built then
    return nil, build_errors, why
  end

  built.hash = ngx.md5(text)
  return built
end


-- The configuration of a file; raises Kong's message when it is refused.
function load.file(path)
  local file, open_error = io.open(path, "rb")
  if not file then
    error("error parsing declarative config file " .. path .. ":\n" .. open_error, 0)
  end

  local text = file:read("*a")
  file:close()
  local built, build_errors = load.text(text)
  if not built then
    error("error parsing declarative config file " .. path .. ":\n" .. errors.tree(build_errors), 0)
  end
  return built
end


return load
