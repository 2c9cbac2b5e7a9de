"""What people make of a migration: what they kept of it, and what the site learns from them."""
