"""Bring a finished migration to people: as commits on a branch of their own, or as a patch."""
