"""What leaves the gateway: no identifier, and otherwise the bytes that the client sent (M)."""
