-- The piece of a response that the body filter was called with, where nginx keeps it. `ngx.arg[1]` makes a Lua string
-- of it, which costs more than all else that is done for a piece without a placeholder.
--
-- It is the function under `ngx.arg[1]` itself: resty/core/param.lua of lua-resty-core calls it. Where that is not as
-- we know it, pieces are read from `ngx.arg[1]`.
local ffi = require "ffi"


local pcall = pcall
local tonumber = tonumber


local OK = 0   -- NGX_OK: the piece lies in one buffer

local data_of = ffi.new("unsigned char *[1]")
local size_of = ffi.new("size_t[1]")


local has_function, read, get_request = pcall(function()
  local base = require "resty.core.base"
  -- as lua-resty-core declares it: redeclaring a function is allowed
  ffi.cdef [[
    int ngx_http_lua_ffi_get_body_filter_param_body(ngx_http_request_t *r, unsigned char **data_p, size_t *len_p);
  ]]
  return ffi.C.ngx_http_lua_ffi_get_body_filter_param_body, base.get_request
end)


local _M = {}


-- To be called in body_filter.
-- @treturn cdata|nil the bytes, which are there until the filter is done; nil when they lie in several buffers
-- @treturn number how many
function _M.bytes()
  if read(get_request(), data_of, size_of) ~= OK then
    return nil
  end
  return data_of[0], tonumber(size_of[0])
end


if not has_function or not get_request then
  _M.bytes = function() end
end


return _M
