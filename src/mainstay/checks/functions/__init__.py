"""Rules about Lambda functions."""

from mainstay.checks.functions import function_refused
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (function_refused.faults,)  # LA001
