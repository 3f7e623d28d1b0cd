"""Restore for real: a new generation of a database, verified, put in the old one's place; the old one is kept."""

from mainstay.ops.generation.model import DatabaseName, Generation, GenerationRequest, Swap
from mainstay.ops.generation.run import STEPS, replace_database
from mainstay.ops.generation.undoing import UNDO_STEPS, Undone, undo

__all__ = [
    "STEPS",
    "UNDO_STEPS",
    "DatabaseName",
    "Generation",
    "GenerationRequest",
    "Swap",
    "Undone",
    "replace_database",
    "undo",
]
