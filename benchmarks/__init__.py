"""Suites, studies and their raw results; nothing of the product imports this."""
