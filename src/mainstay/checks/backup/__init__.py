"""Rules about AWS Backup: that jobs run, keep what was promised, can be restored, and are heard of."""

from mainstay.checks.backup import (
    cluster_without_feature,
    cold_storage_of_database,
    cold_storage_too_short,
    completion_window_too_short,
    continuous_kept_too_long,
    copied_unencrypted,
    copy_of_continuous,
    copy_under_default_key,
    database_into_air_gap,
    destination_is_no_vault,
    job_in_backup_window,
    job_in_maintenance,
    kept_for_ever,
    key_deleted_with_stack,
    key_not_shared,
    key_shuts_backup_out,
    lock_cannot_be_lifted,
    lock_excludes_retention,
    lock_out_of_bounds,
    more_often_than_hourly,
    no_copy_elsewhere,
    opt_in_decides,
    role_cannot_back_up,
    role_cannot_restore,
    role_not_assumed,
    schedule_not_understood,
    selection_takes_everything,
    start_window_too_short,
    tag_nobody_wears,
    tiers_overlap,
    two_continuous_rules,
    two_owners_of_backups,
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
    two_continuous_rules.faults,  # BK012
    two_owners_of_backups.faults,  # BK013
    copy_of_continuous.faults,  # BK014
    cluster_without_feature.faults,  # BK015
    copy_under_default_key.faults,  # BK016
    key_not_shared.faults,  # BK017
    copied_unencrypted.faults,  # BK018
    no_copy_elsewhere.faults,  # BK019
    destination_is_no_vault.faults,  # BK020
    lock_excludes_retention.faults,  # BK021
    lock_cannot_be_lifted.faults,  # BK022
    lock_out_of_bounds.faults,  # BK023
    database_into_air_gap.faults,  # BK024
    tag_nobody_wears.faults,  # BK025
    selection_takes_everything.faults,  # BK026
    opt_in_decides.faults,  # BK027
    role_not_assumed.faults,  # BK028
    role_cannot_back_up.faults,  # BK029
    role_cannot_restore.faults,  # BK030
    key_shuts_backup_out.faults,  # BK031
    key_deleted_with_stack.faults,  # BK032
)
