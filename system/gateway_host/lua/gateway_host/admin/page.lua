-- Lists of entities, in pages as Kong gives them: `?size=` (100, at most 1000) and `?offset=`.

local json = require "gateway_host.json"
local reply = require "gateway_host.admin.reply"


local SIZE, SIZE_MAX = 100, 1000
local INVALID_OFFSET, INVALID_SIZE = 7, 9


local function refused(code, name, message)
  return reply(400, { code = code, name = name, message = message })
end


local function page_of(self, list, path)
  local size = self.params.size == nil and SIZE or tonumber(self.params.size)
  if not size then
    return refused(INVALID_SIZE, "invalid size", "size must be a number")
  end
  if size ~= math.floor(size) or size < 1 or size > SIZE_MAX then
    return refused(INVALID_SIZE, "invalid size", "size must be an integer between 1 and " .. SIZE_MAX)
  end

  local offset = self.params.offset
  local start = offset == nil and 0 or tonumber(ngx.decode_base64(offset) or "")
  if not start then
    return refused(INVALID_OFFSET, "invalid offset",
                   string.format("'%s' is not a valid offset: bad base64 encoding", tostring(offset)))
  end

  local data = json.array({})
  for i = start + 1, math.min(#list, start + size) do
    data[#data + 1] = list[i]
  end
  if start + size >= #list then
    return reply(200, { data = data, next = ngx.null })
  end
  local follows = ngx.encode_base64(tostring(start + size))
  local asked = self.params.size and "&size=" .. self.params.size or ""
  return reply(200, { data = data, offset = follows,
                      next = path .. "?offset=" .. ngx.escape_uri(follows) .. asked })
end


-- Those of a list that refer to an entity of another kind: `parent` has its kind, the field, and the entity.
local function page_of_parent(self, list, parent, kind)
  local found = json.array({})
  for _, item in ipairs(list) do
    if item[parent.field] ~= ngx.null and item[parent.field].id == parent.entity.id then
      found[#found + 1] = item
    end
  end
  return page_of(self, found, table.concat({ "", parent.kind, parent.entity.id, kind }, "/"))
end


return setmetatable({ of_parent = page_of_parent }, { __call = function(_, ...) return page_of(...) end })
