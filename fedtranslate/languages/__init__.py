"""Source code in any language that has a pack: cut, lexed, parsed and put back.

Nothing here knows one language by name; what differs between them is data under parsers/.
"""
