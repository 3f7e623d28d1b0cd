"""Describe a production database once; compile it, deploy it, and keep proving that it can be restored."""

__version__ = "0.1.0"
