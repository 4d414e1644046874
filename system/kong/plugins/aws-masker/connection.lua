-- A connection to Redis, pooled per worker and Redis setting.
--
-- The pool's name is the setting's key, and the pool keeps one connection: routes with another database, user or
-- password never get it, and AUTH and SELECT are sent once in its life. A new connection is probed with PING before
-- anything is published: a server that accepts but does not serve (frozen, out of clients, not authenticated) then
-- costs no event. Only a connection with no reply outstanding goes back to the pool.

local causes = require "kong.plugins.aws-masker.causes"
local ledger = require "kong.plugins.aws-masker.ledger"
local resp = require "kong.plugins.aws-masker.resp"


local tcp = ngx.socket.tcp


local IDLE_MAX_MS = 60000
-- A server that takes longer to greet counts as down; keeps an attempt short enough to be back within 5 s of Redis.
local GREETING_TIMEOUT_MAX_MS = 2000


local _M = {}
local mt = { __index = _M }


local function request(sock, ...)
  local pieces = {}
  resp.append_command(pieces, { ... })

  local sent, err = sock:send(pieces)
  if not sent then
    return nil, err
  end

  return resp.read_reply(sock)
end


local function connect(sock, settings, pool)
  local ok, err = sock:connect(settings.host, settings.port, { pool = pool, pool_size = 1 })
  if not ok then
    return nil, err
  end

  if settings.ssl and sock:getreusedtimes() == 0 then
    ok, err = sock:sslhandshake(nil, settings.server_name or settings.host, settings.ssl_verify)
    if not ok then
      return nil, err
    end
  end

  return true
end


local function greet(sock, settings)
  local reply, err = true, nil

  if settings.username then
    reply, err = request(sock, "AUTH", settings.username, settings.password or "")

  elseif settings.password then
    reply, err = request(sock, "AUTH", settings.password)
  end

  if not reply then
    return nil, err
  end

  if settings.database ~= 0 then
    reply, err = request(sock, "SELECT", tostring(settings.database))
    if not reply then
      return nil, err
    end
  end

  reply, err = request(sock, "PING")
  -- a user who may only publish is told so by a server that serves
  if not reply and causes.of(err) ~= "denied" then
    return nil, err
  end

  return true
end


-- settings, pool: `redis` and `link_key` of destination.lua. Returns a connection that serves, or nil and a cause.
function _M.open(settings, pool)
  local sock, err = tcp()
  if not sock then
    return nil, causes.of(err)
  end

  local greeting_ms = math.min(settings.timeout_ms, GREETING_TIMEOUT_MAX_MS)
  sock:settimeouts(greeting_ms, greeting_ms, greeting_ms)

  local ok
  ok, err = connect(sock, settings, pool)
  if not ok then
    return nil, causes.of(err)
  end

  if sock:getreusedtimes() == 0 then
    ok, err = greet(sock, settings)
    if not ok then
      sock:close()
      return nil, causes.of(err)
    end

    ledger.add("connections.opened")
  end

  sock:settimeouts(greeting_ms, settings.timeout_ms, settings.timeout_ms)

  return setmetatable({ sock = sock }, mt)
end


-- Publishes the messages of event.lua in one go and adds to each what became of it: `receivers`, the number of
-- subscribers that got it, or `refusal`, the cause why the server did not execute it. A message without either may
-- or may not have been published.
-- Returns true, or nil and a cause when the connection broke.
function _M:publish(channel, messages)
  local pieces = {}
  for i = 1, #messages do
    resp.append_command(pieces, { "PUBLISH", channel, messages[i].payload })
  end

  local sent, err = self.sock:send(pieces)
  if not sent then
    return nil, causes.of(err)
  end

  for i = 1, #messages do
    local reply
    reply, err = resp.read_reply(self.sock)
    if reply then
      messages[i].receivers = tonumber(reply) or 0

    elseif reply == false then
      messages[i].refusal = causes.of(err)

    else
      return nil, causes.of(err)
    end
  end

  return true
end


-- Gives the connection back to the pool. Only when no reply is outstanding, and not while the worker is exiting.
function _M:keep()
  self.sock:setkeepalive(IDLE_MAX_MS, 1)
end


function _M:close()
  self.sock:close()
end


return _M
