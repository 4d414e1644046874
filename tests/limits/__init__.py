"""The gateway's own limits: what happens to traffic and events when timers or connections run out."""
