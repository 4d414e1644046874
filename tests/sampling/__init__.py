"""Which requests emit events (S)."""
