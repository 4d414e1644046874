-- What the database holds, as the configuration that the workers run.

local connection = require "gateway_host.database.connection"
local entities = require "gateway_host.config.entities"
local entity_store = require "gateway_host.database.store"
local json = require "gateway_host.json"
local migrations = require "gateway_host.database.migrations"
local store = require "gateway_host.config.store"


-- Any number: one lock per database, for everyone who publishes.
local LOCK = 7201


local configuration = {}


-- The whole configuration; raises what the database says against it.
function configuration.read()
  local config = {}
  for _, kind in ipairs(entities.KINDS) do
    config[kind] = assert(entity_store.all(kind), "the database does not answer")
  end
  config.hash = ngx.md5(json.encode(config))
  return config
end


-- The configuration at start. The connection is closed: the workers may not share it.
function configuration.at_start()
  migrations.require()
  local config = configuration.read()
  connection.close()
  return config
end


-- Make what the database holds current. Under a lock, so that of two changes at once the one that read first
-- does not publish last.
function configuration.publish()
  connection.query("SELECT pg_advisory_lock(?)", { LOCK })
  local ok, err = pcall(function()
    assert(store.publish(configuration.read()))
  end)
  connection.query("SELECT pg_advisory_unlock(?)", { LOCK })
  return ok, err
end


return configuration
