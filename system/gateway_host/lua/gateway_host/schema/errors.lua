-- The two ways in which Kong writes an error table: for the Admin API on one line, at start as an indented tree.

local json = require "gateway_host.json"


local errors = {}


local function key_text(key)
  if type(key) == "number" then
    return "[" .. key .. "]"
  end
  if key:find("^[%a_][%w_]*$") then
    return key
  end
  return string.format("[%q]", key)
end


-- `{plugins={{config={event_batch_size="expected an integer"}}}}`
function errors.one_line(value)
  if type(value) ~= "table" then
    return string.format("%q", tostring(value))
  end

  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = errors.one_line(item)
  end
  local listed = #parts
  for _, key in ipairs(json.sorted_keys(value)) do
    if type(key) ~= "number" or key > listed then
      parts[#parts + 1] = key_text(key) .. "=" .. errors.one_line(value[key])
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end


local function write_tree(lines, value, list_name, indent)
  for _, key in ipairs(json.sorted_keys(value)) do
    local pad = string.rep(" ", indent)
    local is_entry = type(key) == "number"
    local head = is_entry and string.format("%s- in entry %d of '%s':", pad, key, tostring(list_name))
                 or string.format("%sin '%s':", pad, key)
    if type(value[key]) == "table" then
      lines[#lines + 1] = head
      write_tree(lines, value[key], key, indent + 2)
    else
      lines[#lines + 1] = head .. " " .. tostring(value[key])
    end
  end
end


function errors.tree(value)
  if value.error then
    return value.error
  end

  local lines = {}
  write_tree(lines, value, nil, 0)
  return table.concat(lines, "\n")
end


return errors
