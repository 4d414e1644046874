-- The body of a request, whether nginx kept it in memory or wrote it to a file.
local io_open = io.open
local ngx = ngx


local _M = {}


-- Reads the whole body; yields.
-- @tparam number|nil declared bytes, as Content-Length says
-- @tparam number size_max bytes
-- @treturn string|nil the body, "" when there is none
-- @treturn nil|string "too_large", or "scan" when nginx's file can't be read
-- @treturn nil|string why it can't
function _M.read(declared, size_max)
  if declared and declared > size_max then
    return nil, "too_large"
  end

  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then
    if #body > size_max then
      return nil, "too_large"
    end
    return body
  end

  local path = ngx.req.get_body_file()
  if not path then
    return ""
  end

  -- Blocks the worker while the file, fresh in the page cache, is copied. The
  -- alternative is not to look at it.
  local file, err = io_open(path, "rb")
  if not file then
    return nil, "scan", "could not open the buffered request body: " .. err
  end

  local size = file:seek("end")
  if size and size > size_max then
    file:close()
    return nil, "too_large"
  end

  file:seek("set")
  body = file:read("*a")
  file:close()
  if not body or #body ~= size then
    return nil, "scan", "could not read the buffered request body as a whole"
  end
  return body
end


return _M
