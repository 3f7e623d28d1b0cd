"""What should exist: typed resources, their references, and the intent they serve.

A plan is sufficient: formats, checks, operations and the sandbox never look at the spec it came from.
"""
