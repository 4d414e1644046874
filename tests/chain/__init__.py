"""The whole chain: client, gateway, upstream, Redis, backend."""
