"""Readers of published data sets with tests, and the self-test of their right answers."""
