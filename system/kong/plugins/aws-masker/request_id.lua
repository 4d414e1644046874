-- The gateway's own id of a request. Kong has one since 3.5 and shows it to both sides as
-- X-Kong-Request-Id; before, nginx's id takes its place and the plugin shows it.
local kong = kong
local ngx = ngx


local HEADER = "X-Kong-Request-Id"


local _M = {}


-- In access: the id, which the upstream learns.
-- @treturn string
-- @treturn boolean whether the plugin has to show it to the client
function _M.establish()
  local id = ngx.var.kong_request_id
  if id and id ~= "" then
    return id, false
  end

  id = ngx.var.request_id
  kong.service.request.set_header(HEADER, id)
  return id, true
end


-- In header_filter
function _M.show(id)
  kong.response.set_header(HEADER, id)
end


return _M
