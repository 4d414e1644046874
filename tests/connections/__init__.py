"""How the gateway connects to Redis: how often, as whom, and what it makes of late answers (C)."""
