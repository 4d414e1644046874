"""Many requests, in a row and at once."""
