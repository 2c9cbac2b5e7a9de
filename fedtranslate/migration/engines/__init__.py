"""What writes the translations of a migration: the local model, or an endpoint."""
