"""Pairs of one site: read, mined from source trees, cleaned, and split.

    formats     pairs from and to files (rows, parallel, tables: one per kind of file)
    discover    the source files of one language under a folder
    pairing     units of two trees matched to pairs (blocks, likeness, names, types, assignment)
    hygiene     what is dropped before training, and why (normal, secrets)
    permission  files and pairs that a site's policy lets anybody learn from
    sketches    salted hashes by which sites find the pairs they share
    split       train, validation and held-out, never through a group
    site        all of it for one site

Nothing here leaves the site, and nothing here prints.
"""
