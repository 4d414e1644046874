"""Soaks: nothing grows, nothing complains, the ledger balances."""
