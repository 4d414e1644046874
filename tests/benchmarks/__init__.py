"""What masking and restoring cost, measured beside the same route without the plugin: `pytest tests/benchmarks`."""
