"""Rules about what backups depend on."""

from mainstay.checks.backup import key_deleted_with_stack
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    key_deleted_with_stack.faults,  # BK032
)
