"""A repository translated as a whole: planned, written, checked, repaired, resumable."""
