"""What can be said of a translation without running it: does it parse, does it compile."""
