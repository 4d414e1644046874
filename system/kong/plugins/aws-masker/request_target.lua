-- Masks what goes upstream beside the body: path, query and headers.
--
-- They are masked behind the body and continue its numbers, so that a header or query that
-- differs from turn to turn does not change the masked body.
local masker = require "kong.plugins.aws-masker.masker"


local kong = kong
local ngx = ngx
local concat = table.concat
local lower = string.lower
local ipairs = ipairs
local pairs = pairs
local sort = table.sort
local sub = string.sub
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

-- What nginx proxies beside the request's own headers, and Kong fills from what the client
-- sent before plugins run. kong.service.request.set_path() takes a decoded path, and would
-- encode escapes that are there a second time: the variable is what it sets.
local PATH_VARIABLES = { "upstream_uri", "upstream_x_forwarded_path", "upstream_x_forwarded_prefix" }

-- Headers that Kong has copied already, with its own entry behind: header → variable
local COPIED_HEADERS = {
  ["x-forwarded-for"] = "upstream_x_forwarded_for",
  ["via"] = "upstream_via",
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


local function joined(value)
  return type(value) == "table" and concat(value, ", ") or value
end


-- Masks the client's part of a header that Kong has copied. Kong's own part is not the
-- client's text and stays.
local function mask_copy(variable, before, after)
  local copy = variable and ngx.var[variable]
  before = joined(before)
  if copy and sub(copy, 1, #before) == before then
    ngx.var[variable] = joined(after) .. sub(copy, #before + 1)
  end
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
        mask_copy(COPIED_HEADERS[lower(name)], value, masked)
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


local function mask_path(rules, mapping)
  for _, name in ipairs(PATH_VARIABLES) do
    local path = ngx.var[name]
    if path and path ~= "" then
      local masked, err = masker.mask_percent_encoded(path, rules, mapping)
      if not masked then
        return nil, err
      end
      if masked ~= path then
        ngx.var[name] = masked
      end
    end
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
