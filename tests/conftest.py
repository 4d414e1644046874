"""Wiring of all tests."""

from hypothesis import settings

# Hypothesis fails a test of which one example takes longer than 200 ms, which on a busy machine happens by chance.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
