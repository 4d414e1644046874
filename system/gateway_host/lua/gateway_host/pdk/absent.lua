-- What Kong 3.9.1 has and the host does not: using it fails with a message that names it. What Kong does not have
-- either (such as `kong.request.get_id`) is nil here as there.

local absent = {}


local TOP_LEVEL = {
  "cache", "cluster", "cluster_events", "configuration", "core_cache", "db", "default_workspace", "dns", "ip",
  "nginx", "plugin", "rpc", "service_upstream", "sync", "table", "telemetry", "timer", "tracing", "vault", "websocket",
  "worker_events",
}

local MEMBERS = {
  request = { "get_body", "get_forwarded_prefix", "get_uri_captures" },
  response = {},
  service = { "set_upstream", "set_retries", "set_timeouts", "set_tls_cert_key", "set_tls_verify",
              "set_tls_verify_depth", "set_tls_verify_store", "set_target_retry_callback" },
  ["service.request"] = { "enable_buffering", "set_body", "disable_tls", "enable_tls", "clear_query_arg" },
  ["service.response"] = { "get_raw_body", "get_body" },
  client = { "get_credential", "load_consumer", "get_consumer", "get_consumer_group", "get_consumer_groups",
             "set_authenticated_consumer_group", "set_authenticated_consumer_groups", "authenticate", "get_protocol",
             "authenticate_consumer_group_by_consumer_id", "set_authenticated_consumer_groups" },
  node = { "get_memory_stats" },
  log = { "inspect", "set_format", "new", "serialize", "set_serialize_value", "deprecation" },
}


local function refuse(name)
  return function()
    error(name .. " is not provided by the embedded gateway host", 2)
  end
end


-- Any use of the value raises.
local function placeholder(name)
  return setmetatable({}, {
    __index = function(_, member)
      error(name .. "." .. tostring(member) .. " is not provided by the embedded gateway host", 2)
    end,
    __call = refuse(name),
  })
end


local function resolve(pdk, path)
  for part in path:gmatch("[^.]+") do
    pdk = pdk[part]
  end
  return pdk
end


function absent.install(pdk)
  for _, name in ipairs(TOP_LEVEL) do
    pdk[name] = placeholder("kong." .. name)
  end
  for path, names in pairs(MEMBERS) do
    local holder = resolve(pdk, path)
    for _, name in ipairs(names) do
      holder[name] = refuse("kong." .. path .. "." .. name)
    end
  end
end


return absent
