"""How a site becomes, stays and ceases to be a member: what it keeps, and how it asks the door.

kept       what the site knows of its membership, on disk
door       the coordinator's door over HTTPS: hostile answers, proxies, deadlines
joining    join, status, rotate and leave, each of which may be killed anywhere and done again
"""
