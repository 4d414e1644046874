-- Host names to addresses: addresses as they are, the hosts file, then DNS over UDP with a cache per worker.
-- How long answers are kept follows Kong: the record's TTL or `dns_valid_ttl`, `dns_not_found_ttl` for names that do
-- not exist, `dns_error_ttl` for servers that do not answer.

local message = require "gateway_host.dns.message"
local settings = require "gateway_host.settings"


-- Kong's defaults for one question.
local TIMEOUT_MS = 2000
local ATTEMPTS = 5


local client = {}


local udp_socket = ngx.socket.udp
local hosts = {}
local servers, search = {}, {}
local cache = {}
local next_address = {}


local function each_line(path, visit)
  local file = io.open(path, "rb")
  if not file then
    return
  end

  for line in file:lines() do
    local words = {}
    for word in line:gsub("[#;].*", ""):gmatch("%S+") do
      words[#words + 1] = word
    end
    visit(words)
  end
  file:close()
end


function client.init()
  each_line(settings.dns.hosts_file, function(words)
    for i = 2, #words do
      local name = words[i]:lower()
      -- An IPv4 address is preferred, as in Kong.
      if not hosts[name] or (hosts[name]:find(":", 1, true) and not words[1]:find(":", 1, true)) then
        hosts[name] = words[1]:find(":", 1, true) and "[" .. words[1] .. "]" or words[1]
      end
    end
  end)
  hosts.localhost = hosts.localhost or "127.0.0.1"

  each_line("/etc/resolv.conf", function(words)
    if words[1] == "nameserver" then
      servers[#servers + 1] = { words[2], 53 }
    elseif words[1] == "search" then
      search = { unpack(words, 2) }
    end
  end)
  if #settings.dns.nameservers > 0 then
    servers = {}
    for i, server in ipairs(settings.dns.nameservers) do
      local host, port = server:match("^(.+):(%d+)$")
      servers[i] = { host, tonumber(port) }
    end
  end
end


local function ask(server, name, record_type)
  local socket = udp_socket()
  socket:settimeout(TIMEOUT_MS)
  local ok, err = socket:setpeername(server[1], server[2])
  if not ok then
    return nil, err
  end

  local id = math.random(0, 65535)
  ok, err = socket:send(message.query(id, name, record_type))
  local data
  if ok then
    data, err = socket:receive()
  end
  socket:close()
  if not data then
    return nil, err
  end

  local code, addresses, ttl_s = message.answer(data, id, record_type)
  if not code then
    return nil, "malformed answer"
  end
  return { code = code, addresses = addresses, ttl_s = ttl_s }
end


local function ask_servers(name, record_type)
  local last_error = "no nameserver is configured"
  for attempt = 1, #servers > 0 and ATTEMPTS or 0 do
    local answer, err = ask(servers[(attempt - 1) % #servers + 1], name, record_type)
    if answer then
      return answer
    end
    last_error = err
  end
  return nil, last_error
end


local function candidates(name)
  local names = { name }
  if not name:find(".", 1, true) then
    names = {}
    for i, domain in ipairs(search) do
      names[i] = name .. "." .. domain
    end
    names[#names + 1] = name
  end
  return names
end


local function query(name)
  local last_error
  for _, full_name in ipairs(candidates(name)) do
    for _, record_type in ipairs({ message.TYPE_A, message.TYPE_AAAA }) do
      local answer, err = ask_servers(full_name, record_type)
      if not answer then
        return { error = "dns client error: 101 " .. err, ttl_s = settings.dns.error_ttl_s }
      end
      if #answer.addresses > 0 then
        return { addresses = answer.addresses, ttl_s = settings.dns.valid_ttl_s or answer.ttl_s }
      end
      last_error = answer.code
    end
  end
  if last_error == message.NAME_ERROR or last_error == 0 then
    return { error = "dns server error: 3 name error", ttl_s = settings.dns.not_found_ttl_s }
  end
  return { error = "dns server error: " .. last_error, ttl_s = settings.dns.error_ttl_s }
end


local function is_address(name)
  return name:find("^%d+%.%d+%.%d+%.%d+$") or name:find(":", 1, true)
end


-- One address of the host, or nil and an error. Yields when the answer is not known yet.
function client.resolve(host)
  if is_address(host) then
    return host
  end

  local name = host:lower()
  if hosts[name] then
    return hosts[name]
  end

  local entry = cache[name]
  if not entry or entry.expires <= ngx.now() then
    entry = query(name)
    entry.expires = ngx.now() + entry.ttl_s
    cache[name] = entry
  end
  if entry.error then
    return nil, entry.error
  end

  -- Turns: several addresses share the load.
  local turn = (next_address[name] or 0) % #entry.addresses + 1
  next_address[name] = turn
  return entry.addresses[turn]
end


return client
