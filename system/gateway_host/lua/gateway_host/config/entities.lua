-- What Kong knows of a service, a route and a plugin: fields, defaults, rules.

local typedefs = require "kong.db.schema.typedefs"


local TIMEOUT_MS_MAX = 2 ^ 31 - 2
local SERVICE_PROTOCOLS = { "http", "https" }
local ROUTE_PROTOCOLS = { "http", "https" }


local entities = {}


-- Kinds in the order in which a configuration is built: parents first.
entities.KINDS = { "services", "routes", "plugins" }

-- Kinds of Kong that the host does not serve; a configuration that uses one is refused.
entities.NOT_PROVIDED = {
  "consumers", "consumer_groups", "upstreams", "targets", "certificates", "ca_certificates", "snis", "vaults", "keys",
  "key_sets", "filter_chains", "workspaces", "parameters", "clustering_data_planes", "acls", "keyauth_credentials",
}

-- Kinds that may be nested in another, and the field through which the child then refers to its parent.
entities.CHILDREN = {
  services = { routes = "service", plugins = "service" },
  routes = { plugins = "route" },
  plugins = {},
}


local function common(fields)
  for _, field in ipairs({
    { id = typedefs.uuid },
    { created_at = { type = "integer", timestamp = true } },
    { updated_at = { type = "integer", timestamp = true } },
    { tags = typedefs.tags },
  }) do
    fields[#fields + 1] = field
  end
  return { type = "record", fields = fields }
end


local function timeout()
  return { type = "integer", default = 60000, between = { 1, TIMEOUT_MS_MAX } }
end


local function strings(overrides)
  return { type = "set", elements = overrides or { type = "string" } }
end


entities.services = common({
  { name = typedefs.name },
  { enabled = { type = "boolean", required = true, default = true } },
  { retries = { type = "integer", default = 5, between = { 0, 32767 } } },
  { protocol = { type = "string", required = true, default = "http", one_of = SERVICE_PROTOCOLS } },
  { host = typedefs.host({ required = true }) },
  { port = typedefs.port({ required = true, default = 80 }) },
  { path = typedefs.path },
  { connect_timeout = timeout() },
  { write_timeout = timeout() },
  { read_timeout = timeout() },
  { tls_verify = { type = "boolean" } },
  { tls_verify_depth = { type = "integer", between = { 0, 64 } } },
  { client_certificate = { type = "foreign", eq = ngx.null } },
  { ca_certificates = { type = "array", elements = { type = "string" }, eq = ngx.null } },
})


local function validate_route_path(path)
  if path:sub(1, 1) ~= "/" and path:sub(1, 2) ~= "~/" then
    return nil, "should start with: / (fixed path) or ~/ (regex path)"
  end
  if path:sub(1, 1) == "~" then
    local _, err = ngx.re.match("", path:sub(2))
    return err == nil, err and "invalid regex: '" .. path:sub(2) .. "' (PCRE returned: " .. err .. ")"
  end
  if path:find("//", 1, true) then
    return nil, "must not have empty segments"
  end
  return true
end


entities.routes = common({
  { name = typedefs.name },
  { service = { type = "foreign", reference = "services" } },
  { protocols = { type = "set", required = true, default = ROUTE_PROTOCOLS,
                  elements = { type = "string", one_of = ROUTE_PROTOCOLS } } },
  { methods = strings(typedefs.http_method) },
  { hosts = { type = "array", elements = { type = "string", match = "^[%w%.%-%*_:]+$" } } },
  { paths = { type = "array", elements = { type = "string", custom_validator = validate_route_path } } },
  { headers = { type = "map", keys = typedefs.header_name,
                values = { type = "array", elements = { type = "string" } } } },
  { https_redirect_status_code = { type = "integer", required = true, default = 426,
                                   one_of = { 426, 301, 302, 307, 308 } } },
  { regex_priority = { type = "integer", default = 0 } },
  { strip_path = { type = "boolean", required = true, default = true } },
  { path_handling = { type = "string", default = "v0", one_of = { "v0" } } },
  { preserve_host = { type = "boolean", required = true, default = false } },
  { request_buffering = { type = "boolean", required = true, default = true } },
  { response_buffering = { type = "boolean", required = true, default = true } },
  { snis = { type = "set", elements = { type = "string" }, eq = ngx.null } },
  { sources = { type = "set", elements = { type = "string" }, eq = ngx.null } },
  { destinations = { type = "set", elements = { type = "string" }, eq = ngx.null } },
})


entities.plugins = common({
  { name = { type = "string", required = true } },
  { instance_name = typedefs.name },
  { service = { type = "foreign", reference = "services" } },
  { route = { type = "foreign", reference = "routes" } },
  { consumer = { type = "foreign", reference = "consumers", eq = ngx.null } },
  { protocols = typedefs.protocols },
  { enabled = { type = "boolean", required = true, default = true } },
  { config = { type = "record", required = true, fields = {} } },
})


local ROUTE_MATCHERS = { "methods", "hosts", "headers", "paths" }


-- Rules over several fields of one entity, as Kong reports them under "@entity"; nil, or a list of messages.
function entities.entity_error(kind, item)
  if kind ~= "routes" then
    return nil
  end

  for _, matcher in ipairs(ROUTE_MATCHERS) do
    if type(item[matcher]) == "table" and next(item[matcher]) ~= nil then
      return nil
    end
  end
  return { "must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'" }
end


return entities
