"""The room of federated runs: who asks, who answers, and Flower between them.  Kept empty."""
