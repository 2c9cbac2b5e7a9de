"""Rules that bear replies which are wrong on purpose, and the screening before them."""
