-- The bodies of Kong's own error responses: JSON, HTML, XML or text by the `Accept` header.

local error_body = {}


local MESSAGES = {
  [400] = "Bad request",
  [401] = "Unauthorized",
  [403] = "Forbidden",
  [404] = "Not found",
  [405] = "Method not allowed",
  [408] = "Request timeout",
  [411] = "Length required",
  [412] = "Precondition failed",
  [413] = "Payload too large",
  [414] = "URI too long",
  [415] = "Unsupported media type",
  [417] = "Expectation failed",
  [429] = "Too many requests",
  [494] = "Request header or cookie too large",
  [500] = "An unexpected error occurred",
  [502] = "An invalid response was received from the upstream server",
  [503] = "The upstream server is currently unavailable",
  [504] = "The upstream server is timing out",
}

local TYPES = {
  ["text/html"] = { "text/html; charset=utf-8", [[<!doctype html>
<html>
  <head>
    <meta charset="utf-8">
    <title>Error</title>
  </head>
  <body>
    <h1>Error</h1>
    <p>%s.</p>
    <p>request_id: %s</p>
  </body>
</html>
]] },
  ["text/plain"] = { "text/plain; charset=utf-8", "%s\nrequest_id: %s\n" },
  ["application/xml"] = { "application/xml; charset=utf-8", [[<?xml version="1.0" encoding="UTF-8"?>
<error>
  <message>%s</message>
  <requestid>%s</requestid>
</error>
]] },
  ["application/json"] = { "application/json; charset=utf-8", '{\n  "message":"%s",\n  "request_id":"%s"\n}' },
}


-- The first type of the `Accept` header that Kong can write; JSON when there is none.
local function accepted(accept)
  for media_type in (accept or ""):gmatch("[%w%*%.%+%-]+/[%w%*%.%+%-]+") do
    if TYPES[media_type] then
      return TYPES[media_type]
    end
  end
  return TYPES["application/json"]
end


function error_body.message(status)
  return MESSAGES[status] or "The upstream server responded with " .. status
end


-- Body and content type of an error page.
function error_body.render(status, message, accept)
  local chosen = accepted(type(accept) == "table" and accept[1] or accept)
  return string.format(chosen[2], message or error_body.message(status), ngx.var.kong_request_id), chosen[1]
end


return error_body
