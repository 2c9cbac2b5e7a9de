"""The coordinator's status page: what is in its folder, told to people and programs.

It only reads, but for the file by which a run is asked to stop.  Nothing that it reads is trusted:
files can be damaged, half written or huge, and texts come from sites.
"""
