-- The schema types that plugins ask for by name, with Kong's rules and messages.
-- A typedef is a table that can be called with overrides: `typedefs.port({ default = 6379 })`.

local TIMEOUT_MAX = 2 ^ 31 - 2


local function is_ipv4(host)
  return host:find("^%d+%.%d+%.%d+%.%d+$") ~= nil
end


-- With Lua patterns: a low `lua_regex_match_limit` must not change what is valid.
local function is_name(host)
  local labels = host:gsub("%.$", "")
  if labels == "" or labels:find("^%.") or labels:find("%.$") or labels:find("..", 1, true) then
    return false
  end

  for label in labels:gmatch("[^.]+") do
    if not label:find("^[%w_]$") and not label:find("^[%w_][%w_-]*[%w_]$") then
      return false
    end
  end

  return true
end


local function is_ip(host)
  if is_ipv4(host) then
    for octet in host:gmatch("%d+") do
      if tonumber(octet) > 255 then
        return false
      end
    end
    return true
  end

  return host:find(":", 1, true) ~= nil and host:find("^%[?[%x:.]+%]?$") ~= nil
end


local function validate_host(host)
  if host:find("^[^:]+:%d+$") then
    return nil, "must not have a port"
  end

  if is_ip(host) or (not is_ipv4(host) and is_name(host)) then
    return true
  end

  return nil, "invalid value: " .. host
end


local function validate_sni(host)
  if is_ip(host) then
    return nil, "must not be an IP"
  end

  return validate_host(host)
end


local function validate_ip(ip)
  if is_ip(ip) then
    return true
  end

  return nil, "not an ip address: " .. ip
end


local function validate_name(name)
  if name:find("^[%w%.%-%_~\128-\255]+$") then
    return true
  end

  return nil, "invalid value '" .. name .. "': the only accepted ascii characters are alphanumerics or ., -, _, and ~"
end


local function validate_url(url)
  local scheme, host = url:match("^(%w+)://([^/]*)")
  if not scheme then
    return nil, "missing scheme in url"
  end

  if host == "" then
    return nil, "missing host in url"
  end

  return true
end


local function validate_path(path)
  if path:sub(1, 1) == "~" then
    return true
  end

  if path:find("//", 1, true) then
    return nil, "must not have empty segments"
  end

  return true
end


local function define(definition)
  return setmetatable(definition, {
    __call = function(base, overrides)
      local merged = {}
      for name, value in pairs(base) do
        merged[name] = value
      end
      for name, value in pairs(overrides or {}) do
        merged[name] = value
      end
      return merged
    end,
  })
end


local function protocols(allowed, default)
  return define({
    type = "set",
    required = true,
    default = default or allowed,
    elements = { type = "string", one_of = allowed },
  })
end


local function no_reference(entity)
  return define({ type = "foreign", reference = entity, eq = ngx.null })
end


local typedefs = {
  host = define({ type = "string", custom_validator = validate_host }),
  sni = define({ type = "string", custom_validator = validate_sni }),
  ip = define({ type = "string", custom_validator = validate_ip }),
  port = define({ type = "integer", between = { 0, 65535 } }),
  timeout = define({ type = "integer", between = { 0, TIMEOUT_MAX } }),
  name = define({ type = "string", unique = true, custom_validator = validate_name }),
  utf8_name = define({ type = "string", unique = true, custom_validator = validate_name }),
  url = define({ type = "string", custom_validator = validate_url }),
  path = define({ type = "string", starts_with = "/", custom_validator = validate_path }),
  uuid = define({ type = "string", uuid = true }),
  header_name = define({ type = "string", match = "^[%w%-_]+$" }),
  http_method = define({ type = "string", match = "^%u+$" }),
  tags = define({ type = "set", elements = { type = "string" } }),
  no_consumer = no_reference("consumers"),
  no_route = no_reference("routes"),
  no_service = no_reference("services"),
  no_consumer_group = no_reference("consumer_groups"),
  protocols = protocols({ "grpc", "grpcs", "http", "https", "tcp", "tls", "udp" },
                        { "grpc", "grpcs", "http", "https" }),
  protocols_http = protocols({ "grpc", "grpcs", "http", "https" }),
  protocols_http_https = protocols({ "http", "https" }),
}


return setmetatable(typedefs, {
  __index = function(_, name)
    error("schema typedef error: definition " .. tostring(name) .. " does not exist", 2)
  end,
})
