"""Rules about who reaches the database, and who should not."""

from mainstay.checks.network import (
    client_not_admitted,
    groups_in_a_circle,
    no_way_to_service,
    open_to_everyone,
    referenced_by_nobody,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    open_to_everyone.faults,  # NW001
    client_not_admitted.faults,  # NW002
    no_way_to_service.faults,  # NW003
    referenced_by_nobody.faults,  # NW004
    groups_in_a_circle.faults,  # NW005
)
