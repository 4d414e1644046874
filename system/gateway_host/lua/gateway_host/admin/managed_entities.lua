-- /services, /routes, /plugins with a database: single entities are made, changed and removed.

local body = require "gateway_host.admin.body"
local configuration = require "gateway_host.database.configuration"
local page = require "gateway_host.admin.page"
local refusals = require "gateway_host.database.refusals"
local reply = require "gateway_host.admin.reply"
local store = require "gateway_host.database.store"


local function refused(refusal)
  return reply(refusal.status, refusal.document)
end


-- Answer a change that was made, once it is on its way to the workers.
local function changed(status, item, refusal)
  if not item then
    return refused(refusal)
  end
  local ok, err = configuration.publish()
  if not ok then
    return refused(refusals.unexpected(tostring(err)))
  end
  if status == 204 then
    return kong.response.exit(204)
  end
  return reply(status, item)
end


-- The object in the request's body, or nil after it was refused.
local function given()
  local object, err = body.object()
  if not object then
    reply(400, { message = err })
  end
  return object
end


local function one(kind)
  return {
    GET = function(self)
      local item, refusal = store.find(kind, self.params.key)
      if not item then
        return refused(refusal or refusals.not_found())
      end
      return reply(200, item)
    end,
    PATCH = function(self)
      local object = given()
      if object then
        return changed(200, store.update(kind, self.params.key, object))
      end
    end,
    PUT = function(self)
      local object = given()
      if object then
        return changed(200, store.upsert(kind, self.params.key, object))
      end
    end,
    DELETE = function(self)
      return changed(204, store.delete(kind, self.params.key))
    end,
  }
end


local function collection(kind)
  return {
    GET = function(self)
      local list, refusal = store.all(kind)
      if not list then
        return refused(refusal)
      end
      return page(self, list, "/" .. kind)
    end,
    POST = function()
      local object = given()
      if object then
        return changed(201, store.insert(kind, object))
      end
    end,
  }
end


local function nested(parent_kind, field, kind)
  return {
    GET = function(self)
      local parent, refusal = store.find(parent_kind, self.params.key)
      local list = parent and store.all(kind)
      if not list then
        return refused(refusal or refusals.not_found())
      end
      return page.of_parent(self, list, { kind = parent_kind, field = field, entity = parent }, kind)
    end,
    POST = function(self)
      local parent, refusal = store.find(parent_kind, self.params.key)
      if not parent then
        return refused(refusal or refusals.not_found())
      end
      local object = given()
      if object then
        object[field] = { id = parent.id }
        return changed(201, store.insert(kind, object))
      end
    end,
  }
end


return require("gateway_host.admin.entity_paths")(collection, one, nested)
