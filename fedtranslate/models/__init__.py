"""Base models: loading them, and putting adapters on them.

No prompt is worded here and nothing is trained or written: that happens one floor up.
"""
