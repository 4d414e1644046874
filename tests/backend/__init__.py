"""The backend (event subscriber): its parts, and the real process against a real Redis."""
