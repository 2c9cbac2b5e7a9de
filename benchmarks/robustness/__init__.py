"""Attacks on a federation and defences against them, side by side."""
