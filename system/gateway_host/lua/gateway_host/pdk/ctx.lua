-- kong.ctx: tables that live as long as a request. `shared` belongs to all plugins, `plugin` to the one that runs.

local ctx = {}


local SHARED = "KONG_CTX_SHARED"
local PLUGIN = "KONG_CTX_PLUGIN:"


local function table_of(key)
  local all = ngx.ctx
  local found = all[key]
  if not found then
    found = {}
    all[key] = found
  end
  return found
end


ctx.api = setmetatable({}, {
  __index = function(_, name)
    if name == "shared" then
      return table_of(SHARED)
    end
    if name == "plugin" then
      local plugin = ngx.ctx.GATEWAY_PLUGIN
      return plugin and table_of(PLUGIN .. plugin) or nil
    end
  end,
})


return ctx
