"""The catalogue of identifiers, `catalogue.toml`, and what is made of it."""
