"""What the plugin tells about each request, and that it tells nothing when it is off (E)."""
