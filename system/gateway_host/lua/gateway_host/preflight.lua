-- Loads the plugins and reads the configuration in a process of its own, and says on stderr what is wrong.

local preflight = {}


local OK, REFUSED = 0, 1


function preflight.run(settings_file)
  local ok, err = pcall(function()
    require "resty.core"
    require("gateway_host").prepare(settings_file)
    require "resty.redis"
  end)
  if not ok then
    io.stderr:write(tostring(err), "\n")
  end
  os.exit(ok and OK or REFUSED)
end


return preflight
