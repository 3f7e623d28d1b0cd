"""Rules about alarms and about the topics that carry them to people."""

from mainstay.checks.alarms import (
    comparison_points_the_wrong_way,
    connections_alarm_out_of_reach,
    nobody_is_told,
    publisher_cannot_use_key,
    threshold_in_another_unit,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    comparison_points_the_wrong_way.faults,  # AL001
    threshold_in_another_unit.faults,  # AL002
    nobody_is_told.faults,  # AL004
    connections_alarm_out_of_reach.faults,  # AL008
    publisher_cannot_use_key.faults,  # SN001
)
