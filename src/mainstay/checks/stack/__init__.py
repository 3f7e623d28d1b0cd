"""Rules about the stack as a whole."""

from mainstay.checks.rule import Rule
from mainstay.checks.stack import (
    image_changes_by_itself,
    name_without_environment,
    secret_shown,
    too_large,
    unprotected,
)

RULES: tuple[Rule, ...] = (
    too_large.faults,  # ST001
    name_without_environment.faults,  # ST002
    unprotected.faults,  # ST003
    secret_shown.faults,  # ST004
    image_changes_by_itself.faults,  # ST005
)
