-- One connection to PostgreSQL per process, opened when it is first needed and again after it broke. It blocks the
-- worker while it waits; only the Admin API and the start ask the database, never a request that is proxied.

local settings = require "gateway_host.settings"


local connection = {}


local environment
local open


local function connect()
  -- Required here: without a database the library need not be installed.
  environment = environment or require("luasql.postgres").postgres()
  local pg = settings.postgres
  local parts = { "connect_timeout=" .. math.max(1, math.ceil(pg.timeout_ms / 1000)) }
  for name, value in pairs({ host = pg.host, port = pg.port, user = pg.user, password = pg.password,
                             dbname = pg.database }) do
    parts[#parts + 1] = name .. "='" .. tostring(value):gsub("[\\']", "\\%0") .. "'"
  end
  local made, err = environment:connect(table.concat(parts, " "))
  if not made then
    return nil, (tostring(err):gsub("%s+$", ""))
  end
  made:execute("SET client_min_messages TO warning")
  return made
end


-- Close it: a process must not use a connection that its parent opened.
function connection.close()
  if open then
    open:close()
    open = nil
  end
end


local function alive()
  local cursor = open and open:execute("SELECT 1")
  if cursor then
    cursor:close()
    return true
  end
  return false
end


local function quoted(value)
  if value == nil or value == ngx.null then
    return "NULL"
  end
  return "'" .. open:escape(tostring(value)) .. "'"
end


-- Run one statement; each `?` in it stands for a value (`ngx.null` for none).
-- Returns its rows (a list of tables), or nil and PostgreSQL's message.
function connection.query(statement, values)
  if not alive() then
    connection.close()
    local err
    open, err = connect()
    if not open then
      return nil, err
    end
  end

  local at = 0
  local text = statement:gsub("%?", function()
    at = at + 1
    return quoted(values[at])
  end)
  local cursor, err = open:execute(text)
  if not cursor then
    return nil, tostring(err)
  end

  local rows = {}
  if type(cursor) == "userdata" then
    local row = cursor:fetch({}, "a")
    while row do
      rows[#rows + 1] = row
      row = cursor:fetch({}, "a")
    end
    cursor:close()
  end
  return rows
end


return connection
