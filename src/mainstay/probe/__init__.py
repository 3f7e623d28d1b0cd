"""What runs next to a database: fingerprints, markers, sequences, catalog and SQL checks.

It is also packed into a function that runs inside a network, so it imports the standard library and the
driver, nothing else. A connection is passed in, in autocommit mode; every reading transaction is read-only.
"""
