-- One way to answer with a JSON document that may hold empty lists.

local json = require "gateway_host.json"


return function(status, document)
  return kong.response.exit(status, json.encode(document), { ["Content-Type"] = "application/json; charset=utf-8" })
end
