"""How fast the checks and the metrics are, as a ratio against a named peer or limit."""
