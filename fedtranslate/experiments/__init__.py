"""Several runs side by side: what a federated result must be shown with to be believed."""
