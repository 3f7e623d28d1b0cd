"""Restore for real: a new generation of a database, verified, put in the old one's place; the old one is kept."""

from mainstay.ops.generation.discarded import Discarded
from mainstay.ops.generation.discarding import DISCARD_STEPS, Unprotect, discard_old
from mainstay.ops.generation.model import DatabaseName, Generation, GenerationRequest, Swap
from mainstay.ops.generation.reconciled import Reconciled, serving_after
from mainstay.ops.generation.reconciling import RECONCILE_STEPS, reconcile_stack
from mainstay.ops.generation.run import STEPS, replace_database
from mainstay.ops.generation.undoing import UNDO_STEPS, Undone, undo

__all__ = [
    "DISCARD_STEPS",
    "RECONCILE_STEPS",
    "STEPS",
    "UNDO_STEPS",
    "DatabaseName",
    "Discarded",
    "Generation",
    "GenerationRequest",
    "Reconciled",
    "Swap",
    "Undone",
    "Unprotect",
    "discard_old",
    "reconcile_stack",
    "replace_database",
    "serving_after",
    "undo",
]
