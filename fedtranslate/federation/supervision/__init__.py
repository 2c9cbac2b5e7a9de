"""Keep programs alive: start them, start them again when they end, and end them all at once."""
