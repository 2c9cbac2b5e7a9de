"""Pages of finished work: one HTML file per run that needs nothing but a browser."""
