"""Snapshot, restore, replay and verification beside pgBackRest and the plain tools, on the same data in one run."""
