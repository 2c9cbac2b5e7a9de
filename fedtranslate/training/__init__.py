"""The model learns: from pairs to examples, batches, and one visible loop."""
