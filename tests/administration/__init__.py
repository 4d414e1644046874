"""What an operator does to the gateway while it works: changing its configuration, reading its ledger."""
