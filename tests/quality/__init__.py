"""How well identifiers are told from other text: recall and false positives."""
