"""The upstream: an emulator of the Messages API; tests script its answers and read its requests."""
