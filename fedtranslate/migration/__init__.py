"""A whole repository is moved to another language: planned, written, checked, and repaired."""
