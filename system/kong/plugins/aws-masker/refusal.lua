-- The answers to requests that are not forwarded. They say why, and the id under which the
-- request is found in the logs; never what was in it.
local ledger = require "kong.plugins.aws-masker.ledger"


local kong = kong


local ANSWERS = {
  too_large = {
    status = 413,
    message = "request body is larger than max_request_size",
  },
  encoding = {
    status = 415,
    message = "request body has an encoding that can't be searched for identifiers; send it as UTF-8 with no "
              .. "Content-Encoding",
  },
  not_json = {
    status = 400,
    message = "request body is declared as JSON but is not valid JSON",
  },
  scan = {
    status = 502,
    message = "request could not be searched for identifiers and was not forwarded",
  },
}


local _M = {}


-- Ends the request.
-- @tparam string reason too_large, encoding, not_json or scan
function _M.exit(reason, request_id)
  ledger.add("refused." .. reason)
  local answer = ANSWERS[reason]
  return kong.response.exit(answer.status, { message = answer.message, request_id = request_id })
end


return _M
