"""The page to review a migration with, and the same as a JSON document."""
