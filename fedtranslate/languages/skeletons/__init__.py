"""Files of a target language in which only bodies are missing, made by the rules of its pack."""
