-- The running configuration, shared by the workers: the text of each accepted version, and the number of the current
-- one. Text first, number second, so that a worker always finds a whole one.

local json = require "gateway_host.json"


local VERSION = "gateway_host:version"
local NEXT_VERSION = "gateway_host:next_version"
local CONFIG = "gateway_host:config:"
-- A worker that read the number just before a change still finds its text.
local VERSIONS_KEPT = 2


local store = {}


local dict = ngx.shared.kong_core_db_cache


function store.version()
  return dict:get(VERSION)
end


-- Make a built configuration current: true, or nil and what went wrong.
function store.publish(config)
  local version = dict:incr(NEXT_VERSION, 1, 0)
  local ok, err = dict:safe_set(CONFIG .. version, json.encode(config))
  if not ok then
    return nil, "could not store the configuration: " .. err
  end

  dict:set(VERSION, version)
  dict:delete(CONFIG .. (version - VERSIONS_KEPT))
  return true
end


-- The current configuration and its version.
function store.read()
  while true do
    local version = store.version()
    local text = dict:get(CONFIG .. version)
    if text then
      return json.decode(text), version
    end
    if store.version() == version then
      error("the text of configuration " .. version .. " is missing", 0)
    end
  end
end


return store
