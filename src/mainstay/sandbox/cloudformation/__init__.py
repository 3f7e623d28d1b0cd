"""CloudFormation in the sandbox: templates are read by `formats`, and made real resource by resource.

Handlers check a request and write down what should happen; `engine.advance` does it, a short transaction at a time,
called again and again by whoever has the time (the supervisor, or a test).
"""
