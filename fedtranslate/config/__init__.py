"""The settings that people write, frozen once read.

This room imports no trade: trades take plain values, and the command line hands them over.
"""
