"""Rules about the names by which databases are found."""

from mainstay.checks.dns import alias_at_the_apex, name_without_certificate, zone_unanswered
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    zone_unanswered.faults,  # DN001
    alias_at_the_apex.faults,  # DN002
    name_without_certificate.faults,  # DN003
)
