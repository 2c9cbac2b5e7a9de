"""What runs at the coordinator.  It sees adapters and numbers, and cannot import source code."""
