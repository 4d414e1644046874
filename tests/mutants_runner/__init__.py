"""The runner of mutants: what counts as a kill, what does not, and that it leaves nothing behind."""
