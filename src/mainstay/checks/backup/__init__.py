"""Rules about AWS Backup: that jobs run, keep what was promised, can be restored, and are heard of."""

from mainstay.checks.backup import (
    cold_storage_of_database,
    cold_storage_too_short,
    completion_window_too_short,
    continuous_kept_too_long,
    job_in_backup_window,
    job_in_maintenance,
    kept_for_ever,
    key_deleted_with_stack,
    more_often_than_hourly,
    schedule_not_understood,
    start_window_too_short,
    tiers_overlap,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    schedule_not_understood.faults,  # BK001
    more_often_than_hourly.faults,  # BK002
    start_window_too_short.faults,  # BK003
    completion_window_too_short.faults,  # BK004
    tiers_overlap.faults,  # BK005
    job_in_maintenance.faults,  # BK006
    job_in_backup_window.faults,  # BK007
    cold_storage_of_database.faults,  # BK008
    cold_storage_too_short.faults,  # BK009
    kept_for_ever.faults,  # BK010
    continuous_kept_too_long.faults,  # BK011
    key_deleted_with_stack.faults,  # BK032
)
