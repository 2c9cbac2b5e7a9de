"""Real federations on loopback, and what happens to them when their parts are killed."""
