"""How events are packed, how long they wait, and what a stop does to those that wait (B)."""
