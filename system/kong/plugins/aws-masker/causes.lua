-- Sorts what Redis or the network said into few causes, fit for counters and log lines: the words themselves may
-- carry user names, and there is no end of them.

local find = string.find
local lower = string.lower
local match = string.match


local OTHER = "other"


-- first word of a refusal
local CODES = {
  NOAUTH = "auth",
  WRONGPASS = "auth",
  NOPERM = "denied",
  LOADING = "loading",
  READONLY = "readonly",
  OOM = "oom",
  MISCONF = "misconf",
  MASTERDOWN = "masterdown",
  BUSY = "busy",
}

-- plain text in a refusal without a code of its own, or in an error of the socket
local WORDS = {
  { "max number of clients", "maxclients" },
  { "invalid password", "auth" },
  { "without any password configured", "auth" },
  { "db index", "database" },
  { "refused", "refused" },
  { "timeout", "timeout" },
  { "timed out", "timeout" },
  { "resolve", "dns" },
  { "resolution", "dns" },
  { "unreachable", "unreachable" },
  { "no route", "unreachable" },
  { "certificate", "tls" },
  { "handshake", "tls" },
  { "ssl", "tls" },
  { "unexpected reply", "protocol" },
  { "closed", "closed" },
  { "reset", "closed" },
  { "broken pipe", "closed" },
}


local _M = {}


-- text: a refusal (without the leading "-") or an error of the socket
function _M.of(text)
  text = tostring(text)

  local cause = CODES[match(text, "^%u+")]
  if cause then
    return cause
  end

  text = lower(text)
  for i = 1, #WORDS do
    if find(text, WORDS[i][1], 1, true) then
      return WORDS[i][2]
    end
  end

  return OTHER
end


return _M
