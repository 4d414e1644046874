-- Routes of the Admin API: the ledger as JSON and as Prometheus text.

local ledger = require "kong.plugins.aws-masker.ledger"
local metrics = require "kong.plugins.aws-masker.metrics"


local PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=UTF-8"


return {
  ["/aws-masker/stats"] = {
    GET = function()
      return kong.response.exit(200, ledger.snapshot())
    end,
  },

  ["/aws-masker/metrics"] = {
    GET = function()
      return kong.response.exit(200, metrics.render(ledger.snapshot()), { ["Content-Type"] = PROMETHEUS_TEXT })
    end,
  },
}
