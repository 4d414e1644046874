-- The database's tables, made by `migrations bootstrap`, as `kong migrations bootstrap` makes Kong's.

local connection = require "gateway_host.database.connection"


local STATEMENTS = {
  [[CREATE TABLE services (
      id UUID PRIMARY KEY,
      name TEXT CONSTRAINT services_name_key UNIQUE,
      entity JSON NOT NULL)]],
  [[CREATE TABLE routes (
      id UUID PRIMARY KEY,
      name TEXT CONSTRAINT routes_name_key UNIQUE,
      service_id UUID CONSTRAINT routes_service_id_fkey REFERENCES services,
      entity JSON NOT NULL)]],
  [[CREATE TABLE plugins (
      id UUID PRIMARY KEY,
      name TEXT CONSTRAINT plugins_instance_name_key UNIQUE,
      service_id UUID CONSTRAINT plugins_service_id_fkey REFERENCES services ON DELETE CASCADE,
      route_id UUID CONSTRAINT plugins_route_id_fkey REFERENCES routes ON DELETE CASCADE,
      cache_key TEXT NOT NULL CONSTRAINT plugins_cache_key_key UNIQUE,
      entity JSON NOT NULL)]],
}


local migrations = {}


local function query(statement)
  local rows, err = connection.query(statement)
  if not rows then
    error("[PostgreSQL error] " .. err, 0)
  end
  return rows
end


local function is_bootstrapped()
  return query("SELECT to_regclass('plugins') IS NOT NULL AS made")[1].made == "t"
end


-- Make the tables, all or none; what to tell the user.
function migrations.bootstrap()
  if is_bootstrapped() then
    return "Database already bootstrapped"
  end

  query("BEGIN")
  for _, statement in ipairs(STATEMENTS) do
    query(statement)
  end
  query("COMMIT")
  return "Database is up-to-date"
end


-- Raises Kong's message when the tables are missing, PostgreSQL's when it does not answer.
function migrations.require()
  if not is_bootstrapped() then
    error("Database needs bootstrapping or is older than Kong 1.0.\n\n"
          .. "To start a new installation from scratch, run 'kong migrations bootstrap'.", 0)
  end
end


return migrations
