"""What comes back: every placeholder restored wherever it is cut, and nothing else touched (U)."""
