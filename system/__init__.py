"""What is tested: plugin, gateway host, backend and upstream. Knows nothing of the suite."""
