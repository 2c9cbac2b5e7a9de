"""What runs at a site, on its own machine and beside its own code."""
