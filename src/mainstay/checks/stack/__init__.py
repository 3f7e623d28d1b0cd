"""Rules about the stack as a whole."""

from mainstay.checks.rule import Rule
from mainstay.checks.stack import name_without_environment

RULES: tuple[Rule, ...] = (
    name_without_environment.faults,  # ST002
)
