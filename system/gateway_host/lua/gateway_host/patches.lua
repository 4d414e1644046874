-- What Kong changes in ngx_lua's own API, and plugins therefore see.

local dns = require "gateway_host.dns.client"


local patches = {}


-- Cosockets take host names: resolved by the gateway's own client, not by nginx.
function patches.sockets()
  local new_socket = ngx.socket.tcp

  local function connect(connect_socket)
    return function(self, host, port, options)
      if type(host) ~= "string" or host:sub(1, 5) == "unix:" then
        return connect_socket(self, host, port, options)
      end

      local address, err = dns.resolve(host)
      if not address then
        return nil, "[cosocket] DNS resolution failed: " .. err
      end
      return connect_socket(self, address, port, options)
    end
  end

  -- ngx_lua's own functions are not closures over the socket: one wrapper serves all.
  local wrapped
  ngx.socket.tcp = function(...) -- luacheck: ignore 122
    local socket, err = new_socket(...)
    if not socket then
      return nil, err
    end
    wrapped = wrapped or connect(socket.connect)
    socket.connect = wrapped
    return socket
  end
  ngx.socket.connect = function(host, port, options) -- luacheck: ignore 122
    local socket = ngx.socket.tcp()
    local ok, err = socket:connect(host, port, options)
    if not ok then
      return nil, err
    end
    return socket
  end
end


-- In Kong `ngx.timer.*` is a scheduler of its own; nginx's timers stay reachable as `native_*`.
-- The scheduler of a worker that is leaving accepts a timer of no delay and never runs it.
function patches.timers()
  local native_at, native_every = ngx.timer.at, ngx.timer.every
  ngx.native_timer_at = native_at -- luacheck: ignore 122
  ngx.native_timer_every = native_every -- luacheck: ignore 122

  ngx.timer.at = function(delay_s, callback, ...) -- luacheck: ignore 122
    if ngx.worker.exiting() then
      return true
    end
    return native_at(delay_s, callback, ...)
  end
  ngx.timer.every = function(interval_s, callback, ...) -- luacheck: ignore 122
    if ngx.worker.exiting() then
      return true
    end
    return native_every(interval_s, callback, ...)
  end
end


-- Kong's cjson leaves slashes alone; Debian's escapes them.
function patches.json()
  for _, name in ipairs({ "cjson", "cjson.safe" }) do
    local library = require(name)
    local encode = library.encode
    library.encode = function(value)
      local text, err = encode(value)
      if text and text:find("\\/", 1, true) then
        -- A slash is always escaped, so each match is the slash's own escape.
        text = text:gsub("\\/", "/")
      end
      return text, err
    end
  end
end


return patches
