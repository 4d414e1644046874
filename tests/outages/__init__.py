"""No fault of Redis reaches a client, and every event is accounted for (F)."""
