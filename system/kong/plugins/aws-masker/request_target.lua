-- Masks what goes upstream beside the body: path, query and headers.
--
-- They are masked behind the body and continue its numbers, so that a header or query that
-- differs from turn to turn does not change the masked body.
local masker = require "kong.plugins.aws-masker.masker"


local kong = kong
local ngx = ngx
local lower = string.lower
local ipairs = ipairs
local pairs = pairs
local sort = table.sort
local type = type


-- Headers that describe the connection or the body; what nginx or Kong sets or
-- consumes itself.
local NOT_SEARCHED = {
  ["host"] = true,
  ["content-length"] = true,
  ["content-type"] = true,
  ["content-encoding"] = true,
  ["accept-encoding"] = true,
  ["connection"] = true,
  ["expect"] = true,
  ["keep-alive"] = true,
  ["proxy-authenticate"] = true,
  ["proxy-authorization"] = true,
  ["proxy-connection"] = true,
  ["te"] = true,
  ["trailer"] = true,
  ["transfer-encoding"] = true,
  ["upgrade"] = true,
  ["x-kong-request-id"] = true,
}


local _M = {}


local function mask_value(value, rules, mapping)
  if type(value) ~= "table" then
    return masker.mask_percent_encoded(value, rules, mapping)
  end

  local masked = {}
  for n, item in ipairs(value) do
    local err
    masked[n], err = masker.mask_percent_encoded(item, rules, mapping)
    if not masked[n] then
      return nil, err
    end
  end
  return masked
end


local function mask_headers(headers, rules, mapping)
  local names = {}
  for name in pairs(headers) do
    if not NOT_SEARCHED[lower(name)] then
      names[#names + 1] = name
    end
  end
  sort(names) -- pairs() has no order, the numbers of placeholders need one

  for _, name in ipairs(names) do
    local value = headers[name]
    if type(value) == "string" or type(value) == "table" then
      local before = mapping.total
      local masked, err = mask_value(value, rules, mapping)
      if not masked then
        return nil, err
      end
      if mapping.total > before then
        ngx.req.set_header(name, masked)
      end
    end
  end

  return true
end


local function mask_query(rules, mapping)
  local query = kong.request.get_raw_query()
  if query == "" then
    return true
  end

  local masked, err = masker.mask_percent_encoded(query, rules, mapping)
  if not masked then
    return nil, err
  end
  if masked ~= query then
    kong.service.request.set_raw_query(masked)
  end
  return true
end


-- kong.service.request.set_path() takes a decoded path, which would encode escapes that are
-- there a second time; the variable is what it sets.
local function mask_path(rules, mapping)
  local path = ngx.var.upstream_uri
  if not path or path == "" then
    return true
  end

  local masked, err = masker.mask_percent_encoded(path, rules, mapping)
  if not masked then
    return nil, err
  end
  if masked ~= path then
    ngx.var.upstream_uri = masked
  end
  return true
end


-- @tparam table headers all of the request, as ngx.req.get_headers() gives them
-- @treturn true|nil
-- @treturn nil|string why it could not be searched
function _M.mask(headers, rules, mapping)
  local ok, err = mask_path(rules, mapping)
  if ok then
    ok, err = mask_query(rules, mapping)
  end
  if ok then
    ok, err = mask_headers(headers, rules, mapping)
  end
  return ok, err
end


return _M
