"""What a site needs to take part, looked at one by one: what was found, and how to fix it.

check       one check as a value, and running many so that none stops the others
network     DNS, TCP, proxy, TLS, identity, clock
machine     files, disk, memory, base model, languages, compilers
material    policy, pairs, ledger, and a round on made-up pairs
examine     all of it, in the order in which things depend on each other
"""
