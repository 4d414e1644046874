-- Checks of header names and values, with Kong's messages.

local headers = {}


local function normalized(value)
  if type(value) == "table" then
    local list = {}
    for i, item in ipairs(value) do
      list[i] = normalized(item)
    end
    return list
  end
  -- nginx would drop a header that is empty.
  return value == "" and " " or tostring(value)
end
headers.normalized = normalized


function headers.check_name(name)
  if type(name) ~= "string" then
    error(string.format('invalid header name "%s": got %s, expected string', tostring(name), type(name)), 3)
  end
end


function headers.check(name, value)
  headers.check_name(name)
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" and kind ~= "table" then
    error(string.format("invalid header value for %q: got %s, expected array of string, string, number or boolean",
                        name, kind), 3)
  end
end


function headers.check_all(values)
  if type(values) ~= "table" then
    error("headers must be a table", 3)
  end

  for name, value in pairs(values) do
    headers.check_name(name)
    local kind = type(value)
    if kind == "table" then
      for _, item in ipairs(value) do
        if type(item) ~= "string" then
          error(string.format("invalid header value in array %q: got %s, expected string", name, type(item)), 3)
        end
      end
    elseif kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      error(string.format("invalid header value for %q: got %s, expected string, number, boolean or array of strings",
                          name, kind), 3)
    end
  end
end


-- The `max` argument of get_headers and get_query.
function headers.check_max(name, max)
  if type(max) ~= "number" then
    error(name .. " must be a number", 3)
  end
  if max < 1 then
    error(name .. " must be >= 1", 3)
  end
  if max > 1000 then
    error(name .. " must be <= 1000", 3)
  end
end


return headers
