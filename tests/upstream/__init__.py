"""The emulated upstream itself: if it misbehaved, every other test would judge the wrong thing."""
