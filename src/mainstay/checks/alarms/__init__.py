"""Rules about alarms and about the topics that carry them to people."""

from mainstay.checks.alarms import (
    alarm_refused,
    comparison_points_the_wrong_way,
    connections_alarm_out_of_reach,
    dimension_names_nothing,
    endpoint_of_another_protocol,
    event_not_delivered,
    fifo_topic_told,
    metric_does_not_exist,
    nobody_is_told,
    publisher_cannot_use_key,
    publisher_not_admitted,
    silence_taken_for_health,
    statistic_of_another_kind,
    threshold_in_another_unit,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    comparison_points_the_wrong_way.faults,  # AL001
    threshold_in_another_unit.faults,  # AL002
    statistic_of_another_kind.faults,  # AL003
    nobody_is_told.faults,  # AL004
    metric_does_not_exist.faults,  # AL005
    alarm_refused.faults,  # AL006
    dimension_names_nothing.faults,  # AL007
    connections_alarm_out_of_reach.faults,  # AL008
    silence_taken_for_health.faults,  # AL009
    publisher_cannot_use_key.faults,  # SN001
    publisher_not_admitted.faults,  # SN002
    fifo_topic_told.faults,  # SN003
    endpoint_of_another_protocol.faults,  # SN004
    event_not_delivered.faults,  # EV001
)
