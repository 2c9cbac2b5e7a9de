"""The services of a coordinator and of a site: which programs run, and what is done meanwhile."""
