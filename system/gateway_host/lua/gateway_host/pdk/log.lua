-- kong.log: to nginx's error log, with Kong's form `[kong] file:line [plugin] message`.

local errlog = require "ngx.errlog"


local LEVELS = {
  emerg = ngx.EMERG, alert = ngx.ALERT, crit = ngx.CRIT, err = ngx.ERR, warn = ngx.WARN, notice = ngx.NOTICE,
  info = ngx.INFO, debug = ngx.DEBUG,
}


local log = {}


-- The plugin that runs now; the configuration phase has no request to ask.
local function namespace()
  return ngx.get_phase() ~= "init" and ngx.ctx.GATEWAY_PLUGIN or nil
end


local function write(level, ...)
  if level > errlog.get_sys_filter_level() then
    return
  end

  local parts = { ... }
  for i = 1, select("#", ...) do
    parts[i] = tostring(parts[i])
  end
  local caller = debug.getinfo(3, "Sl")
  local place = caller and string.format("%s:%d ", caller.short_src:match("[^/]*$"), caller.currentline) or ""
  local name = namespace()
  local plugin = name and "[" .. name .. "] " or ""
  errlog.raw_log(level, "[kong] " .. place .. plugin .. table.concat(parts))
end


log.api = setmetatable({}, {
  __call = function(_, ...)
    write(ngx.NOTICE, ...)
  end,
})
for name, level in pairs(LEVELS) do
  log.api[name] = function(...)
    write(level, ...)
  end
end


return log
