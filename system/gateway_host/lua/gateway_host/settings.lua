-- What `gateway_host.json` says: the settings that the Python side read from the environment.

local json = require "gateway_host.json"


local settings = { version = "3.9.1", version_num = 3009001 }


function settings.load(path)
  local file, err = io.open(path, "rb")
  if not file then
    error("could not read the host's settings: " .. err, 0)
  end

  local decoded = json.decode(file:read("*a"))
  file:close()
  for name, value in pairs(decoded) do
    settings[name] = value ~= ngx.null and value or nil
  end
  for name, value in pairs(settings.dns) do
    settings.dns[name] = value ~= ngx.null and value or nil
  end
end


return settings
