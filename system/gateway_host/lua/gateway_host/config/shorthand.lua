-- `url: http://host:port/path` of a service, spelled out into its fields.

local DEFAULT_PORTS = { http = 80, https = 443 }


local shorthand = {}


-- Takes `url` off the service and sets what it says; nil, or Kong's message about it.
function shorthand.expand(service)
  local url = service.url
  service.url = nil
  if url == nil or url == ngx.null then
    return nil
  end
  if type(url) ~= "string" then
    return "expected a string"
  end

  local protocol, authority, path = url:match("^(%w+)://([^/?]*)([^?]*)")
  if not protocol then
    return "missing host in url"
  end

  local host, port = authority:match("^(.-):(%d+)$")
  host = host or authority
  if host == "" then
    return "missing host in url"
  end

  service.protocol = protocol
  service.host = host
  service.port = tonumber(port) or DEFAULT_PORTS[protocol]
  service.path = path ~= "" and path or nil
end


return shorthand
