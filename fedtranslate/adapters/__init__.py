"""LoRA adapters: what they are, how many become one, and how they are kept on disk.

This room knows weights only.  It never imports what holds source code, so everything that
runs at the coordinator may use it.
"""
