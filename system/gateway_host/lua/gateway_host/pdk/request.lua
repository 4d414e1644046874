-- kong.request: what the client sent.

local headers = require "gateway_host.pdk.headers"
local phases = require "gateway_host.pdk.phases"
local uri = require "gateway_host.uri"


local DEFAULT_MAX = 100
local NOT_IN_BUFFER = "request body did not fit into client body buffer, consider raising 'client_body_buffer_size'"


local request = {}


local in_request = phases.request
local before_content = phases.check("rewrite", "access", "response", "error", "admin_api")


local function define(name, read)
  request[name] = function(...)
    in_request()
    return read(...)
  end
end


local function path_of(target)
  return target:match("^[^?]*")
end


define("get_scheme", function() return ngx.var.scheme end)
define("get_host", function() return ngx.var.host end)
define("get_port", function() return tonumber(ngx.var.server_port) end)
define("get_forwarded_scheme", function() return ngx.var.scheme end)
define("get_forwarded_host", function() return ngx.var.host end)
define("get_forwarded_port", function() return tonumber(ngx.var.server_port) end)
define("get_forwarded_path", function() return path_of(ngx.var.request_uri or "") end)
define("get_http_version", function() return ngx.req.http_version() end)
define("get_method", function() return ngx.req.get_method() end)
define("get_raw_path", function() return path_of(ngx.var.request_uri or "") end)
define("get_path", function() return uri.normalize(path_of(ngx.var.request_uri or "")) end)
define("get_path_with_query", function() return ngx.var.request_uri or "" end)
define("get_raw_query", function() return ngx.var.args or "" end)
define("get_start_time", function() return ngx.ctx.KONG_PROCESSING_START or ngx.req.start_time() * 1000 end)


function request.get_header(name)
  in_request()
  if type(name) ~= "string" then
    error("header name must be a string", 2)
  end

  local value = ngx.var["http_" .. name:gsub("-", "_")]
  if not value or not value:find(", ", 1, true) then
    return value
  end
  value = ngx.req.get_headers(1000)[name]
  return type(value) == "table" and value[1] or value
end


function request.get_headers(max_headers)
  in_request()
  if max_headers ~= nil then
    headers.check_max("max_headers", max_headers)
  end
  return ngx.req.get_headers(max_headers or DEFAULT_MAX)
end


function request.get_query(max_args)
  in_request()
  if max_args ~= nil then
    headers.check_max("max_args", max_args)
  end
  return ngx.req.get_uri_args(max_args or DEFAULT_MAX)
end


function request.get_query_arg(name)
  in_request()
  if type(name) ~= "string" then
    error("query argument name must be a string", 2)
  end

  local value = ngx.req.get_uri_args(DEFAULT_MAX)[name]
  return type(value) == "table" and value[1] or value
end


local function read_spooled(path, max_allowed_file_size)
  local file, err = io.open(path, "rb")
  if not file then
    return nil, "failed to open cached request body '" .. path .. "': " .. err
  end

  local size = file:seek("end")
  if max_allowed_file_size > 0 and size > max_allowed_file_size then
    file:close()
    return nil, string.format("request body file too big: %d > %d", size, max_allowed_file_size)
  end
  file:seek("set")
  local body = file:read("*a")
  file:close()
  return body
end


-- With `max_allowed_file_size` (bytes, 0: no limit) a body that nginx spooled to a file is read back.
function request.get_raw_body(max_allowed_file_size)
  before_content()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then
    return body
  end

  local path = ngx.req.get_body_file()
  if not path then
    return ""
  end
  if not max_allowed_file_size or max_allowed_file_size < 0 then
    return nil, NOT_IN_BUFFER
  end
  return read_spooled(path, max_allowed_file_size)
end


return request
