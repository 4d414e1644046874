"""Streams of the Messages API: placeholders over deltas, thinking as it came, and no event that waits for another."""
