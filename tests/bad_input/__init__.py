"""What the system and the suite are given that they cannot use: one clear message each, nothing lost silently."""
