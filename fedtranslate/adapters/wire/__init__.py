"""An adapter as bytes: formats of numbers, rounding that can be repeated, what is left over.

Pure: what is sent follows from numbers and seeds, on every machine alike; where the bytes travel is
the business of ``federation/flower/packing``.
"""
