-- Bodies of requests to the Admin API: an entity as JSON, or the declarative configuration of POST /config as JSON
-- (`{"config": "…"}` or the configuration itself), YAML, a form field `config`, or an uploaded file of that name.

local json = require "gateway_host.json"


local body = {}


local function raw()
  local data = ngx.req.get_body_data()
  if data then
    return data
  end

  local path = ngx.req.get_body_file()
  local file = path and io.open(path, "rb")
  if not file then
    return ""
  end
  data = file:read("*a")
  file:close()
  return data
end


local function uploaded(data, content_type)
  local boundary = content_type:match('boundary="?([^";]+)')
  local head = data:find('name="config"', 1, true)
  local start = head and select(2, data:find("\r\n\r\n", head, true))
  local stop = start and data:find("\r\n--" .. boundary, start, true)
  return stop and data:sub(start + 1, stop - 1) or nil
end


-- The object in a JSON body, or nil and Kong's message. Kong takes forms as well; the host does not.
function body.object()
  local data = raw()
  if data == "" then
    return {}
  end
  if not (ngx.var.content_type or ""):find("json", 1, true) then
    return nil, "the embedded gateway host takes entities as JSON only"
  end
  local decoded = json.decode(data)
  if type(decoded) ~= "table" then
    return nil, "Cannot parse JSON body"
  end
  return decoded
end


-- The configuration's text; Kong treats a body without one as an empty configuration.
function body.config_text()
  local data = raw()
  local content_type = ngx.var.content_type or ""
  if content_type:find("application/x-www-form-urlencoded", 1, true) then
    return ngx.decode_args(data).config or "{}"
  end
  if content_type:find("multipart/form-data", 1, true) then
    return uploaded(data, content_type) or "{}"
  end

  local decoded = content_type:find("json", 1, true) and json.decode(data)
  if type(decoded) == "table" and type(decoded.config) == "string" then
    return decoded.config
  end
  return data
end


return body
