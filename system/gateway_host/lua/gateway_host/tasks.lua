-- What nginx is started for without becoming the gateway; each says on stderr what is wrong, and ends the process.

local tasks = {}


local OK, REFUSED = 0, 1


local function finish(task)
  local ok, err = pcall(task)
  if not ok then
    io.stderr:write(tostring(err), "\n")
  end
  os.exit(ok and OK or REFUSED)
end


-- Loads the plugins and reads the configuration.
function tasks.preflight(settings_file)
  finish(function()
    require "resty.core"
    require("gateway_host").prepare(settings_file)
    require "resty.redis"
  end)
end


-- Makes the database's tables.
function tasks.bootstrap(settings_file)
  finish(function()
    require("gateway_host.settings").load(settings_file)
    io.stdout:write(require("gateway_host.database.migrations").bootstrap(), "\n")
    io.stdout:flush()
  end)
end


return tasks
