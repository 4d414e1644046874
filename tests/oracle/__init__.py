"""The plugin against an independent masker and restorer."""
