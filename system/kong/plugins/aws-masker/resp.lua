-- The Redis protocol (RESP2), as much of it as a publisher needs, over a cosocket.
--
-- Kong's `resty.redis` gives up all replies of a pipeline when the connection breaks in the middle. Here the replies
-- that did arrive count, so that the ledger knows each message's fate; and TLS works with any of its versions.

local byte = string.byte
local sub = string.sub


local STATUS, REFUSAL, INTEGER = byte("+-:", 1, 3)


local _M = {}


-- Appends a command, a list of strings, to the list of pieces to send.
function _M.append_command(pieces, command)
  local n = #pieces

  pieces[n + 1] = "*" .. #command .. "\r\n"
  for i = 1, #command do
    pieces[n + i + 1] = "$" .. #command[i] .. "\r\n" .. command[i] .. "\r\n"
  end
end


-- Reads one reply. Returns its text or number; false and the server's words when the server refused the command;
-- nil and an error when the connection is of no more use.
function _M.read_reply(sock)
  local line, err = sock:receive()
  if not line then
    return nil, err
  end

  local kind, rest = byte(line), sub(line, 2)
  if kind == STATUS then
    return rest

  elseif kind == INTEGER then
    local number = tonumber(rest)
    if number then
      return number
    end

  elseif kind == REFUSAL then
    return false, rest
  end

  return nil, "unexpected reply"
end


return _M
