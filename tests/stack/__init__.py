"""The stack, its driver, its clients and its faults: tests of the harness itself."""
