"""RDS in the sandbox: requests are checked as RDS checks them, and written down as what should be.

Nothing here starts a process: the supervisor makes the records real and writes back what became of them. The
handlers stand in `table`, by operation.
"""
