-- /services, /routes, /plugins without a database: readable; Kong refuses every change to a single entity.

local page = require "gateway_host.admin.page"
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


local function refuse(kind, verb)
  return function()
    return reply(405, {
      code = UNSUPPORTED,
      name = "operation unsupported",
      message = string.format("cannot %s '%s' entities when not using a database", verb, kind),
    })
  end
end


local function one(kind)
  return {
    GET = function(self)
      local item = find(kind, self.params.key)
      if not item then
        return reply(404, { message = "Not found" })
      end
      return reply(200, item)
    end,
    PATCH = refuse(kind, "update"),
    PUT = refuse(kind, "create or update"),
    DELETE = refuse(kind, "remove"),
  }
end


local function collection(kind)
  return {
    GET = function(self)
      return page(self, snapshot.get()[kind], "/" .. kind)
    end,
    POST = refuse(kind, "create"),
  }
end


-- The entities of one kind that refer to one of another: /routes/:key/plugins.
local function nested(parent_kind, field, kind)
  return {
    GET = function(self)
      local parent = find(parent_kind, self.params.key)
      if not parent then
        return reply(404, { message = "Not found" })
      end
      return page.of_parent(self, snapshot.get()[kind], { kind = parent_kind, field = field, entity = parent }, kind)
    end,
    POST = refuse(kind, "create"),
  }
end


return require("gateway_host.admin.entity_paths")(collection, one, nested)
