"""The coordinator's door: what of it can be reached from outside, and nothing else.

Requests to join and to stay a member are answered here; Flower's messages are passed on.  Where
nginx is found it stands in front, and only the enrolment is ours.
"""
