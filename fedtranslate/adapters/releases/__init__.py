"""Adapters as releases: signed, kept at both ends, and taken into use or back by one command.

A release is a folder that peft loads as it is, with a signed manifest beside the weights.  A store
keeps releases, and in a hash-chained ledger what became of each.  There is no network and no clock
here: times are given by whoever calls.
"""
