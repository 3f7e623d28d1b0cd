"""Rules about encryption keys: who cares for them, and who may use them."""

from mainstay.checks.keys import key_unattended, logs_cannot_use_key
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    key_unattended.faults,  # KM001
    logs_cannot_use_key.faults,  # KM002
)
