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
    event_never_matches,
    job_in_backup_window,
    job_in_maintenance,
    kept_for_ever,
    key_deleted_with_stack,
    key_not_shared,
    key_shuts_backup_out,
    lock_cannot_be_lifted,
    lock_excludes_retention,
    lock_out_of_bounds,
    missing_data_misread,
    more_often_than_hourly,
    never_restored,
    no_copy_elsewhere,
    nobody_hears_of_failure,
    notification_not_delivered,
    opt_in_decides,
    options_left_behind,
    override_not_a_list,
    restore_test_misnamed,
    restore_test_without_subnets,
    role_cannot_back_up,
    role_cannot_restore,
    role_not_assumed,
    schedule_beyond_rpo,
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
    restore_test_misnamed.faults,  # BK033
    restore_test_without_subnets.faults,  # BK034
    override_not_a_list.faults,  # BK035
    never_restored.faults,  # BK036
    event_never_matches.faults,  # BK037
    nobody_hears_of_failure.faults,  # BK038
    missing_data_misread.faults,  # BK039
    notification_not_delivered.faults,  # BK040
    options_left_behind.faults,  # BK041
    schedule_beyond_rpo.faults,  # BK042
)
