"""What monitoring costs (group P), and that nothing grows with the number of requests (L2)."""
