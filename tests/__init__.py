"""What must hold, one folder per concern."""
