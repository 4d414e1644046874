"""The rules of this repository, kept by tests."""
