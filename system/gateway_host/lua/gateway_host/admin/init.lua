-- The Admin API: finds the handler for a path and method, and answers with Kong's headers.

local config = require "gateway_host.admin.config"
local node = require "gateway_host.admin.node"
local latency = require "gateway_host.latency"
local plugins = require "gateway_host.plugins"
local settings = require "gateway_host.settings"


local admin = {}


local routes


-- `/plugins/:id` as a pattern, and the names of its parameters in order.
local function compile(path)
  local names = {}
  local pattern = path:gsub("[%-%.%+%*%?%^%$%(%)%%]", "%%%0"):gsub(":(%w+)", function(name)
    names[#names + 1] = name
    return "([^/]+)"
  end)
  return "^" .. pattern .. "/?$", names
end


local function add(path, methods)
  local pattern, names = compile(path)
  routes[#routes + 1] = { pattern = pattern, names = names, methods = methods }
end


local function build_routes()
  routes = {}
  local entities = settings.database == "off" and "entities" or "managed_entities"
  for _, source in ipairs({ node, config, require("gateway_host.admin." .. entities) }) do
    for path, methods in pairs(source) do
      add(path, methods)
    end
  end
  for _, plugin_routes in pairs(plugins.routes) do
    for path, methods in pairs(plugin_routes) do
      if type(methods) == "table" then
        add(path, methods.methods or methods)
      end
    end
  end
end


local function find(path)
  for _, route in ipairs(routes) do
    local captures = { path:match(route.pattern) }
    if captures[1] then
      local params = ngx.req.get_uri_args()
      for i, name in ipairs(route.names) do
        params[name] = ngx.unescape_uri(captures[i])
      end
      return route, params
    end
  end
end


function admin.serve()
  ngx.ctx.KONG_PROCESSING_START = ngx.req.start_time() * 1000
  if not routes then
    build_routes()
  end

  local route, params = find(ngx.var.uri)
  if not route then
    return kong.response.exit(404, { message = "Not found" })
  end

  local method = ngx.req.get_method()
  local handler = route.methods[method] or (method == "HEAD" and route.methods.GET)
  if not handler then
    return kong.response.exit(405, { message = "Method not allowed" })
  end

  ngx.req.read_body()
  local ok, err = pcall(handler, { params = params })
  if not ok then
    ngx.log(ngx.ERR, err)
    return kong.response.exit(500, { message = "An unexpected error occurred" })
  end
end


function admin.header_filter()
  local header = ngx.header
  header["Access-Control-Allow-Origin"] = "*"
  header["Access-Control-Allow-Credentials"] = "true"
  local start = ngx.ctx.KONG_PROCESSING_START or ngx.req.start_time() * 1000
  header["X-Kong-Admin-Latency"] = math.max(0, math.floor(latency.now_ms() - start + 0.5))
  header["Server"] = latency.TOKEN
end


return admin
