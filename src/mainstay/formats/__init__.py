"""Dialects of the plan: each format is a table of rows, from which writing and reading are both derived."""
