#!/bin/sh
# As in Kong's image: logs go to the container's output, and the gateway becomes the container's first process.
set -e
if [ "$1 $2" = "kong migrations" ]; then
  shift
  exec python3 -m system.gateway_host "$@"
fi
if [ "$1 $2" != "kong docker-start" ]; then
  exec "$@"
fi
prefix=${KONG_PREFIX:-/usr/local/kong}
mkdir -p "$prefix/logs"
ln -sfn /dev/stdout "$prefix/logs/access.log"
ln -sfn /dev/stdout "$prefix/logs/admin_access.log"
ln -sfn /dev/stderr "$prefix/logs/error.log"
exec python3 -m system.gateway_host start
