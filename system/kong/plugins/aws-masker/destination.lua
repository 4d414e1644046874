-- Where a route's events go and how they are packed, read from the plugin's configuration.
--
-- `link_key` names one Redis setting: routes that share it share one connection per worker. `queue_key` adds
-- channel, batch size, flush interval and queue size: routes that differ in any of them never share a queue.
-- Secrets enter both keys as digests only.

local json = require "cjson.safe"


local encode_base64 = ngx.encode_base64
local sha1_bin = ngx.sha1_bin
local null = ngx.null


local DEFAULT_PORT = 6379
local DEFAULT_TIMEOUT_MS = 2000


local _M = {}


-- Kong leaves unset fields out; ngx.null and "" mean unset as well
local function text(value)
  if value == nil or value == null or value == "" then
    return nil
  end

  return value
end


local function digest(secret)
  return secret and encode_base64(sha1_bin(secret)) or false
end


-- Returns nil when the configuration names no Redis.
function _M.of(conf)
  local redis = conf.redis
  local host = type(redis) == "table" and text(redis.host)
  if not host then
    return nil
  end

  local settings = {
    host = host,
    port = tonumber(redis.port) or DEFAULT_PORT,
    username = text(redis.username),
    password = text(redis.password),
    database = tonumber(redis.database) or 0,
    ssl = redis.ssl == true,
    ssl_verify = redis.ssl_verify == true,
    server_name = text(redis.server_name),
    timeout_ms = tonumber(redis.timeout) or DEFAULT_TIMEOUT_MS,
  }

  -- encoded as a list: no value can run into its neighbour
  local link_key = json.encode({
    settings.host,
    settings.port,
    settings.username or false,
    digest(settings.password),
    settings.database,
    settings.ssl,
    settings.ssl_verify,
    settings.server_name or false,
    settings.timeout_ms,
  })

  return {
    redis = settings,
    channel = conf.redis_event_channel,
    batch_size = conf.event_batch_size,
    flush_interval_ms = conf.event_flush_interval * 1000,
    queue_size = conf.event_queue_size,
    link_key = link_key,
    queue_key = json.encode({
      link_key,
      conf.redis_event_channel,
      conf.event_batch_size,
      conf.event_flush_interval,
      conf.event_queue_size,
    }),
  }
end


return _M
