"""The suite's own instruments, tested on planted faults: what they must find, and what they must not."""
