-- Lua of the plugin runs in Kong (ngx_lua, LuaJIT); that of the gateway host provides `kong`.
std = "ngx_lua"
max_line_length = 120
unused_args = false
globals = { "kong" }
files["system/gateway_host/lua"] = { globals = { "kong", "ngx" } }
