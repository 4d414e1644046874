"""What the report of a run must show, seen on reports of small example runs."""
