"""A Sigstore of our own on the loopback interface: what Fulcio, a CT log, Rekor v1 and v2 and a TSA issue.

The real client signs with it and verifies what it made; nothing is stubbed. :class:`~stack.server.Stack` has knobs for
what a service may get wrong.
"""
