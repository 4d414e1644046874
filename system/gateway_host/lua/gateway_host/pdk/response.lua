-- kong.response: what the client gets.

local cjson = require "cjson.safe"
local error_body = require "gateway_host.pdk.error_body"
local headers = require "gateway_host.pdk.headers"
local phases = require "gateway_host.pdk.phases"
local resp = require "ngx.resp"


local response = {}


local when_known = phases.check("response", "header_filter", "body_filter", "log", "error", "admin_api")
local before_body = phases.check("rewrite", "access", "response", "header_filter", "error", "admin_api")
local in_body_filter = phases.check("body_filter")


local function not_sent()
  if ngx.headers_sent then
    error("headers have already been sent", 3)
  end
end


local function check_status(status, smallest)
  if type(status) ~= "number" then
    error("code must be a number", 3)
  end
  if status < smallest or status > 599 then
    error(string.format("code must be a number between %u and %u", smallest, 599), 3)
  end
end


function response.get_status()
  when_known()
  return ngx.status
end


function response.get_headers(max_headers)
  when_known()
  if max_headers ~= nil then
    headers.check_max("max_headers", max_headers)
  end
  return ngx.resp.get_headers(max_headers)
end


function response.get_header(name)
  when_known()
  if type(name) ~= "string" then
    error("header name must be a string", 2)
  end

  local value = ngx.resp.get_headers()[name]
  return type(value) == "table" and value[1] or value
end


-- "exit": made by a plugin or the gateway; "service": came from the upstream; "error": something failed.
function response.get_source()
  when_known()
  local ctx = ngx.ctx
  if ctx.KONG_UNEXPECTED then
    return "error"
  end
  if ctx.KONG_EXITED then
    return "exit"
  end
  return ctx.KONG_PROXIED and "service" or "error"
end


function response.set_status(status)
  before_body()
  not_sent()
  check_status(status, 100)
  ngx.status = status
end


local function is_transfer_encoding(name)
  return name:lower():gsub("_", "-") == "transfer-encoding"
end


function response.set_header(name, value)
  before_body()
  not_sent()
  headers.check(name, value)
  if is_transfer_encoding(name) then
    kong.log.warn("manually setting Transfer-Encoding. Ignored.")
    return
  end
  ngx.header[name] = headers.normalized(value)
end


function response.add_header(name, value)
  before_body()
  not_sent()
  headers.check(name, value)
  resp.add_header(name, headers.normalized(value))
end


function response.clear_header(name)
  before_body()
  not_sent()
  if type(name) ~= "string" then
    error("header name must be a string", 2)
  end
  ngx.header[name] = nil
end


function response.set_headers(values)
  before_body()
  not_sent()
  headers.check_all(values)
  for name, value in pairs(values) do
    if not is_transfer_encoding(name) then
      ngx.header[name] = headers.normalized(value)
    end
  end
end


-- The whole body, once: nil until the last chunk, which is held back with all that came before.
function response.get_raw_body()
  in_body_filter()
  local ctx = ngx.ctx
  ctx.KONG_BODY_CHUNKS = ctx.KONG_BODY_CHUNKS or {}
  if type(ngx.arg[1]) == "string" and ngx.arg[1] ~= "" then
    table.insert(ctx.KONG_BODY_CHUNKS, ngx.arg[1])
  end
  if not ngx.arg[2] then
    ngx.arg[1] = nil
    return nil
  end

  local body = table.concat(ctx.KONG_BODY_CHUNKS)
  ngx.arg[1] = body
  ctx.KONG_BODY_CHUNKS = { body }
  return body
end


function response.set_raw_body(body)
  in_body_filter()
  if type(body) ~= "string" then
    error("body must be a string", 2)
  end
  ngx.arg[1] = ngx.arg[2] and body or nil
end


local function send(status, body, own_headers)
  ngx.status = status
  local has_type, has_length = false, false
  for name, value in pairs(own_headers or {}) do
    local lower = name:lower()
    has_type = has_type or lower == "content-type"
    has_length = has_length or lower == "content-length"
    ngx.header[name] = headers.normalized(value)
  end

  if type(body) == "table" then
    local encoded, err = cjson.encode(body)
    if not encoded then
      error("body encoding failed while flushing response: " .. err, 3)
    end
    body = encoded
    if not has_type then
      ngx.header["Content-Type"] = "application/json; charset=utf-8"
    end
  end
  if not has_length then
    ngx.header["Content-Length"] = body and #body or 0
  end

  if phases.current() == "header_filter" then
    ngx.ctx.KONG_RESPONSE_BODY = body
    return ngx.exit(ngx.OK)
  end
  if body then
    ngx.print(body)
  end
  return ngx.exit(status)
end


function response.exit(status, body, own_headers)
  before_body()
  not_sent()
  check_status(status, 100)
  if body ~= nil and type(body) ~= "string" and type(body) ~= "table" then
    error("body must be a nil, string or table", 2)
  end
  if own_headers ~= nil and type(own_headers) ~= "table" then
    error("headers must be a nil or table", 2)
  end
  if own_headers then
    headers.check_all(own_headers)
  end

  ngx.ctx.KONG_EXITED = true
  return send(status, body, own_headers)
end


function response.error(status, message, own_headers)
  before_body()
  not_sent()
  check_status(status, 400)
  if type(message) == "table" then
    message = cjson.encode(message)
  end
  if message ~= nil and type(message) ~= "string" then
    error("message must be a nil, a string or a table", 2)
  end

  local all = {}
  for name, value in pairs(own_headers or {}) do
    all[name] = value
  end
  headers.check_all(all)
  local accept = all["Content-Type"] or ngx.req.get_headers()["Accept"]
  local body, content_type = error_body.render(status, message, accept)
  all["Content-Type"] = all["Content-Type"] or content_type
  ngx.ctx.KONG_EXITED = true
  return send(status, body, all)
end


return response
