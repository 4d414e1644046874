-- Matches a request to a route, in Kong's order: routes with more kinds of conditions first, then regular expressions
-- by priority, then the longest path, then the order of the configuration.

local uri = require "gateway_host.uri"


local router = {}
router.__index = router


local function is_set(value)
  return type(value) == "table" and next(value) ~= nil
end


local function host_pattern(host)
  return "^" .. host:lower():gsub("[%-%.]", "%%%0"):gsub("%*", ".+") .. "$"
end


local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do
    set[item] = true
  end
  return set
end


local function conditions(route)
  local count = 0
  for _, kind in ipairs({ "methods", "hosts", "headers", "paths" }) do
    count = count + (is_set(route[kind]) and 1 or 0)
  end
  return count
end


local function candidate(route, service, path, index)
  local hosts
  if is_set(route.hosts) then
    hosts = {}
    for i, host in ipairs(route.hosts) do
      hosts[i] = host_pattern(host)
    end
  end
  local is_regex = path and path:sub(1, 1) == "~" or false
  return {
    route = route,
    service = service,
    methods = is_set(route.methods) and set_of(route.methods) or nil,
    hosts = hosts,
    headers = is_set(route.headers) and route.headers or nil,
    prefix = not is_regex and path or nil,
    regex = is_regex and "^" .. path:sub(2) or nil,
    weight = conditions(route),
    index = index,
  }
end


local function comes_first(a, b)
  if a.weight ~= b.weight then
    return a.weight > b.weight
  end
  if (a.regex ~= nil) ~= (b.regex ~= nil) then
    return a.regex ~= nil
  end
  if a.regex and a.route.regex_priority ~= b.route.regex_priority then
    return a.route.regex_priority > b.route.regex_priority
  end
  local a_length, b_length = #(a.prefix or a.regex or ""), #(b.prefix or b.regex or "")
  if a_length ~= b_length then
    return a_length > b_length
  end
  return a.index < b.index
end


function router.new(routes, services)
  local candidates = {}
  for _, route in ipairs(routes) do
    local service = route.service ~= ngx.null and services[route.service.id] or nil
    for _, path in ipairs(is_set(route.paths) and route.paths or { false }) do
      candidates[#candidates + 1] = candidate(route, service, path or nil, #candidates)
    end
  end
  table.sort(candidates, comes_first)
  return setmetatable({ candidates = candidates }, router)
end


local function host_matches(patterns, host)
  for _, pattern in ipairs(patterns) do
    if host:lower():find(pattern) then
      return true
    end
  end
  return false
end


local function headers_match(wanted)
  for name, values in pairs(wanted) do
    local sent = ngx.var["http_" .. name:lower():gsub("-", "_")]
    if not sent or not set_of(values)[sent] then
      return false
    end
  end
  return true
end


-- The matched part of the path, or nil; the second value holds a regular expression's captures.
local function path_match(self, path)
  if self.prefix then
    return path:sub(1, #self.prefix) == self.prefix and self.prefix or nil
  end
  if self.regex then
    local captures = ngx.re.match(path, self.regex, "ajo")
    return captures and captures[0], captures
  end
  return ""
end


-- The match for the current request, or nil: route, service, path (normalized), matched prefix, captures.
function router:match(method, host, raw_path)
  local path = uri.normalize(raw_path)
  for _, entry in ipairs(self.candidates) do
    if (not entry.methods or entry.methods[method])
       and (not entry.hosts or host_matches(entry.hosts, host))
       and (not entry.headers or headers_match(entry.headers)) then
      local matched, captures = path_match(entry, path)
      if matched then
        return { route = entry.route, service = entry.service, path = path, prefix = matched, captures = captures }
      end
    end
  end
end


return router
