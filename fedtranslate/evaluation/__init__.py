"""Model, adapter and pairs become translations, verdicts, scores and decisions."""
