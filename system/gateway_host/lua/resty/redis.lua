-- Debian ships lua-resty-redis under another name.
return require "nginx.redis"
