"""Does a translation do what its source does: tests, and calls with the same inputs."""
