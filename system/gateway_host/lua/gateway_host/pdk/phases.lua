-- Which phase a request is in, and the check that a PDK function may be called there. The names appear in errors in
-- Kong's order.

local phases = {}


phases.ORDER = { "init_worker", "rewrite", "access", "balancer", "response", "header_filter", "body_filter", "log",
                 "preread", "error", "admin_api" }


function phases.set(ctx, phase)
  ctx.KONG_PHASE = phase
end


local function current()
  local phase = ngx.ctx.KONG_PHASE
  if not phase and ngx.get_phase() == "content" then
    return "admin_api"
  end
  return phase
end
phases.current = current


-- A check for the given phases: raises Kong's error in any other.
function phases.check(...)
  local allowed = {}
  for _, name in ipairs({ ... }) do
    allowed[name] = true
  end
  local names = {}
  for _, name in ipairs(phases.ORDER) do
    if allowed[name] then
      names[#names + 1] = name
    end
  end
  local listed = table.concat(names, ", ")

  return function()
    local phase = current()
    if not phase then
      error("no phase in ngx.ctx.KONG_PHASE, (need one of " .. listed .. ")", 0)
    end
    if not allowed[phase] then
      error(string.format("function cannot be called in %s phase (only in: %s)", phase, listed), 0)
    end
  end
end


phases.request = phases.check("rewrite", "access", "response", "header_filter", "body_filter", "log", "error",
                              "admin_api")


return phases
