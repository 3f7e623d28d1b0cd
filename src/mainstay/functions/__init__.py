"""What runs inside AWS, next to a database: rotation, validation, validation of a restored copy, exports.

A handler and everything it imports is packed into a zip: the standard library, boto3 (which Lambda brings along),
the pure-Python drivers pg8000 and PyMySQL, `mainstay.probe` and `mainstay.core.errors`, nothing else. It is
configured by environment variables and events, and tells what it did on standard output, which Lambda logs.
"""
