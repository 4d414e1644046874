"""The proxy between gateway and Redis: a good wire until it is told otherwise, and bad as told."""
