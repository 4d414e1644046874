-- Laying changes over an entity: maps are merged field by field, lists and plain values are replaced.

-- JSON does not tell an empty list from an empty object; what it is laid over does.
local function is_list(value, old)
  return #value > 0 or (next(value) == nil and #old > 0)
end


local function merge(old, changes)
  if type(old) ~= "table" or type(changes) ~= "table" or is_list(changes, old) then
    return changes
  end

  local merged = {}
  for name, value in pairs(old) do
    merged[name] = value
  end
  for name, value in pairs(changes) do
    merged[name] = merge(old[name], value)
  end
  return merged
end


return merge
