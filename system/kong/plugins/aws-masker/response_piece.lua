-- The piece of a response that the body filter was called with, where nginx keeps it. `ngx.arg[1]` makes a Lua string
-- of it, which costs more than all else that is done for a piece: the garbage collector goes over all that the worker
-- keeps whenever as much again was made. A piece that lies in several buffers, as is usual for a response that nginx
-- buffers, is copied to memory that is used again.
--
-- These are the functions under `ngx.arg[1]` itself: resty/core/param.lua of lua-resty-core calls them. Where that is
-- not as we know it, pieces are read from `ngx.arg[1]`.
local blanks = require "kong.plugins.aws-masker.blanks"
local ffi = require "ffi"


local ffi_copy = ffi.copy
local ffi_new = ffi.new
local ffi_string = ffi.string
local max = math.max
local ngx = ngx
local pcall = pcall
local tonumber = tonumber


local OK = 0       -- NGX_OK: the piece lies in one buffer
local AGAIN = -2   -- NGX_AGAIN: it lies in several, nothing but its size is told

-- A larger piece is left to `ngx.arg[1]`: it is rare, and the memory would be kept.
local COPIED_MAX = 256 * 1024

local bytes_t = ffi.typeof("unsigned char[?]")
local data_of = ffi_new("unsigned char *[1]")
local size_of = ffi_new("size_t[1]")

local kept, kept_size = nil, 0


local has_functions, read, copy, get_request = pcall(function()
  local base = require "resty.core.base"
  -- as lua-resty-core declares them: redeclaring a function is allowed
  ffi.cdef [[
    int ngx_http_lua_ffi_get_body_filter_param_body(ngx_http_request_t *r, unsigned char **data_p, size_t *len_p);
    int ngx_http_lua_ffi_copy_body_filter_param_body(ngx_http_request_t *r, unsigned char *data);
  ]]
  return ffi.C.ngx_http_lua_ffi_get_body_filter_param_body,
         ffi.C.ngx_http_lua_ffi_copy_body_filter_param_body, base.get_request
end)


local _M = {}


-- To be called in body_filter.
-- @treturn cdata|nil the bytes, there until the filter is done; nil: they are to be had from `ngx.arg[1]` only
-- @treturn number how many
function _M.bytes()
  local request = get_request()
  local result = read(request, data_of, size_of)
  local size = tonumber(size_of[0])
  if result == OK then
    return data_of[0], size
  end
  if result ~= AGAIN or size > COPIED_MAX then
    return nil
  end

  if size > kept_size then
    kept_size = max(size, 2 * kept_size)
    kept = ffi_new(bytes_t, kept_size)
  end
  if copy(request, kept) ~= OK then
    return nil
  end
  return kept, size
end


-- Puts other bytes in the place of the piece. ngx_lua takes strings only, and copies them to a buffer of its own: it
-- is given blanks of that size, and the bytes are written over the copy.
-- @tparam cdata p
-- @tparam number size at least 1
function _M.replace(p, size)
  if size <= COPIED_MAX then
    ngx.arg[1] = blanks.of(size)
    if read(get_request(), data_of, size_of) == OK and tonumber(size_of[0]) == size then
      ffi_copy(data_of[0], p, size)
      return
    end
  end
  ngx.arg[1] = ffi_string(p, size)
end


if not has_functions or not get_request then
  _M.bytes = function() end
  _M.replace = function(p, size)
    ngx.arg[1] = ffi_string(p, size)
  end
end


return _M
