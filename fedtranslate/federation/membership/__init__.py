"""How an organisation becomes and stays a member: keys, certificates, invites, signed requests.

Both ends use it; it opens no connection and reads no source code.
"""
