"""What a file declares, read from its syntax tree by a query of its pack."""
