-- aws-masker: replaces AWS identifiers in requests to an LLM API by placeholders and puts
-- them back into the responses. This file only ties the phases to the modules that do it.
local events = require "kong.plugins.aws-masker.events"
local request_masking = require "kong.plugins.aws-masker.request_masking"
local response_restoring = require "kong.plugins.aws-masker.response_restoring"


local kong = kong


local AwsMaskerHandler = {
  -- Below every bundled plugin that authenticates, limits or rewrites requests
  -- (request-transformer 801, ai-proxy 770), so that nothing adds text behind it;
  -- above the loggers, which then see masked requests.
  PRIORITY = 700,
  VERSION = "0.1.0",
}


function AwsMaskerHandler:init_worker()
  events.init_worker()
end


-- Since Kong 3.5
function AwsMaskerHandler:configure(configs)
  events.configure(configs)
end


function AwsMaskerHandler:access(conf)
  return request_masking.run(conf, kong.ctx.plugin)
end


function AwsMaskerHandler:header_filter(conf)
  response_restoring.on_headers(conf, kong.ctx.plugin)
end


function AwsMaskerHandler:body_filter(conf)
  response_restoring.on_body(kong.ctx.plugin)
end


function AwsMaskerHandler:log(conf)
  response_restoring.on_end(conf, kong.ctx.plugin)
end


return AwsMaskerHandler
