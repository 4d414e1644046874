-- Runs Lua that a request brings, in the phase that it names, and says what came of it.
local cjson = require "cjson.safe"

local Workbench = { PRIORITY = 500, VERSION = "1.0.0" }

local function run(phase)
  if ngx.var.http_x_phase ~= phase then
    return nil
  end

  local chunk, syntax_error = loadstring(ngx.var.http_x_lua)
  if not chunk then
    return cjson.encode({ err = syntax_error })
  end
  local results = { pcall(chunk) }
  if not results[1] then
    return cjson.encode({ err = tostring(results[2]) })
  end
  for i = 2, 4 do
    results[i] = results[i] == nil and cjson.null or results[i]
  end
  return cjson.encode({ values = { results[2], results[3], results[4] } })
end

function Workbench:configure(configs)
  for _, conf in ipairs(configs or {}) do
    kong.log.notice("configured tag=", conf.tag, " seq=", conf.__seq__)
  end
end

function Workbench:access(conf)
  kong.service.request.set_header("X-Access-Tag", conf.tag)
  ngx.ctx.access_tag = conf.tag
  local result = run("access")
  if result then
    return kong.response.exit(200, result)
  end
end

function Workbench:header_filter(conf)
  kong.response.set_header("X-Tags", ngx.ctx.access_tag .. "," .. conf.tag)
  kong.response.set_header("X-Source", kong.response.get_source())
  -- The body may become another one.
  kong.response.clear_header("Content-Length")
  local result = run("header_filter")
  if result then
    kong.response.set_header("X-Result", result)
  end
end

function Workbench:body_filter()
  if ngx.var.http_x_phase == "body_filter" then
    ngx.arg[1] = ngx.arg[2] and run("body_filter") or nil
  end
end

function Workbench:log()
  local result = run("log")
  if result then
    kong.log.notice("log result ", result)
  end
end

return Workbench
