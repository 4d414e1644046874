-- Paths as Kong sees them: normalized for matching, joined with the service's path for the upstream.

local uri = {}


local function decode_unreserved(hex)
  local char = string.char(tonumber(hex, 16))
  if char:find("[%w%-%._~]") then
    return char
  end
  return "%" .. hex:upper()
end


local function remove_dot_segments(path)
  local kept = {}
  local ends_in_directory = path:find("/%.?%.?$") ~= nil
  for segment in path:gmatch("[^/]+") do
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  local joined = "/" .. table.concat(kept, "/")
  return ends_in_directory and joined ~= "/" and joined .. "/" or joined
end


-- Unreserved characters decoded, dot segments resolved, double slashes merged.
function uri.normalize(path)
  if path:find("%", 1, true) then
    path = path:gsub("%%(%x%x)", decode_unreserved)
  end
  if path:find("//", 1, true) or path:find("/.", 1, true) then
    path = remove_dot_segments(path)
  end
  return path
end


-- Kong's `path_handling: v0`: the service's path and what the route leaves of the request's, with one slash between.
function uri.upstream_path(base, match)
  local rest = match.path
  if match.route.strip_path then
    rest = rest:sub(#match.prefix + 1)
    if rest == "" and #match.path > 1 and match.path:sub(-1) == "/" and base:sub(-1) ~= "/" then
      rest = "/"
    end
  end

  if rest == "" then
    local keeps_slash = base == "/" or match.path:sub(-1) == "/"
    return base:sub(-1) == "/" and not keeps_slash and base:sub(1, -2) or base
  end
  if base:sub(-1) == "/" then
    return base .. (rest:sub(1, 1) == "/" and rest:sub(2) or rest)
  end
  if rest:sub(1, 1) ~= "/" then
    return base .. "/" .. rest
  end
  return match.path == "/" and not match.route.strip_path and base or base .. rest
end


-- Escape a path that a plugin sets, leaving what is valid in one as it is.
function uri.escape(path)
  return (path:gsub("[^!#$&'()*+,/:;=?@%[%]%w%-%._~%%]", function(char)
    return string.format("%%%02X", char:byte())
  end))
end


return uri
