-- kong.service.request: what the upstream gets.

local headers = require "gateway_host.pdk.headers"
local phases = require "gateway_host.pdk.phases"
local uri = require "gateway_host.uri"


local service_request = {}


local in_access = phases.check("rewrite", "access")
local until_balancer = phases.check("rewrite", "access", "balancer")


local METHODS = {
  GET = ngx.HTTP_GET, HEAD = ngx.HTTP_HEAD, PUT = ngx.HTTP_PUT, POST = ngx.HTTP_POST, DELETE = ngx.HTTP_DELETE,
  OPTIONS = ngx.HTTP_OPTIONS, PATCH = ngx.HTTP_PATCH, TRACE = ngx.HTTP_TRACE,
}


local function set(name, value)
  if name:lower() == "host" then
    ngx.var.upstream_host = value
  end
  ngx.req.set_header(name, headers.normalized(value))
end


function service_request.set_scheme(scheme)
  until_balancer()
  if type(scheme) ~= "string" then
    error("scheme must be a string", 2)
  end
  if scheme ~= "http" and scheme ~= "https" then
    error("invalid scheme: " .. scheme, 2)
  end
  ngx.var.upstream_scheme = scheme
end


function service_request.set_path(path)
  until_balancer()
  if type(path) ~= "string" then
    error("path must be a string", 2)
  end
  if path:sub(1, 1) ~= "/" then
    error("path must start with /", 2)
  end
  ngx.var.upstream_uri = uri.escape(path)
end


function service_request.set_raw_query(query)
  in_access()
  if type(query) ~= "string" then
    error("query must be a string", 2)
  end
  ngx.req.set_uri_args(query)
end


function service_request.set_query(args)
  in_access()
  if type(args) ~= "table" then
    error("args must be a table", 2)
  end

  local parts = {}
  for name, value in pairs(args) do
    if type(name) ~= "string" then
      error("arg keys must be strings", 2)
    end
    parts[#parts + 1] = ngx.encode_args({ [name] = value })
  end
  table.sort(parts)
  ngx.req.set_uri_args(table.concat(parts, "&"))
end


function service_request.set_method(method)
  in_access()
  if type(method) ~= "string" then
    error("method must be a string", 2)
  end
  if not METHODS[method] then
    error("invalid method: " .. method, 2)
  end
  ngx.req.set_method(METHODS[method])
end


function service_request.set_header(name, value)
  until_balancer()
  headers.check(name, value)
  set(name, value)
end


function service_request.add_header(name, value)
  in_access()
  headers.check(name, value)
  local present = ngx.req.get_headers()[name]
  local all = type(present) == "table" and present or { present }
  all[#all + 1] = headers.normalized(value)
  ngx.req.set_header(name, all)
end


function service_request.clear_header(name)
  in_access()
  if type(name) ~= "string" then
    error("header must be a string", 2)
  end
  ngx.req.clear_header(name)
end


function service_request.set_headers(values)
  in_access()
  headers.check_all(values)
  for name, value in pairs(values) do
    set(name, value)
  end
end


function service_request.set_raw_body(body)
  until_balancer()
  if type(body) ~= "string" then
    error("body must be a string", 2)
  end
  -- nginx drops the body that came only when it was read.
  ngx.req.read_body()
  ngx.req.set_body_data(body)
end


return service_request
