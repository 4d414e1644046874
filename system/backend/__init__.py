"""The backend: subscribes to the plugin's events, counts and logs them, and says over HTTP what it knows."""
