-- /services, /routes, /plugins: readable; without a database Kong refuses every change to a single entity.

local json = require "gateway_host.json"
local reply = require "gateway_host.admin.reply"
local snapshot = require "gateway_host.snapshot"


local UNSUPPORTED = 12


local function find(kind, key)
  for _, item in ipairs(snapshot.get()[kind]) do
    if item.id == key or (kind == "plugins" and item.instance_name or item.name) == key then
      return item
    end
  end
end


local function list(kind, belongs)
  local data = json.array({})
  for _, item in ipairs(snapshot.get()[kind]) do
    if not belongs or belongs(item) then
      data[#data + 1] = item
    end
  end
  return reply(200, { data = data, next = ngx.null })
end


local function one(kind)
  return function(self)
    local item = find(kind, self.params.key)
    if not item then
      return reply(404, { message = "Not found" })
    end
    return reply(200, item)
  end
end


local function refuse(kind, verb)
  return function()
    return reply(405, {
      code = UNSUPPORTED,
      name = "operation unsupported",
      message = string.format("cannot %s '%s' entities when not using a database", verb, kind),
    })
  end
end


-- The entities of one kind that refer to one of another: /routes/:key/plugins.
local function nested(parent_kind, field, kind)
  return {
    GET = function(self)
      local parent = find(parent_kind, self.params.key)
      if not parent then
        return reply(404, { message = "Not found" })
      end
      return list(kind, function(item)
        return item[field] ~= ngx.null and item[field].id == parent.id
      end)
    end,
    POST = refuse(kind, "create"),
  }
end


local routes = {}
for _, kind in ipairs({ "services", "routes", "plugins" }) do
  routes["/" .. kind] = { GET = function() return list(kind) end, POST = refuse(kind, "create") }
  routes["/" .. kind .. "/:key"] = {
    GET = one(kind),
    PATCH = refuse(kind, "update"),
    PUT = refuse(kind, "create or update"),
    DELETE = refuse(kind, "remove"),
  }
end
routes["/services/:key/routes"] = nested("services", "service", "routes")
routes["/services/:key/plugins"] = nested("services", "service", "plugins")
routes["/routes/:key/plugins"] = nested("routes", "route", "plugins")


return routes
