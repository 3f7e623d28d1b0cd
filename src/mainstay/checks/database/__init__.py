"""Rules about database instances and their parameter groups."""

from mainstay.checks.database import (
    automated_backups_too_short,
    backups_deleted_with_instance,
    backups_not_replicated,
    blue_green_refused,
    buffers_exceed_memory,
    cannot_be_created,
    dies_without_snapshot,
    events_reach_nobody,
    exported_log_is_empty,
    exported_log_kept_for_ever,
    extended_support_billed,
    family_of_other_engine,
    generated_password_refused,
    insights_refused,
    log_of_other_engine,
    managed_password_with_replica,
    max_storage_too_near,
    memory_out_of_proportion,
    monitoring_without_role,
    name_refused,
    no_deletion_protection,
    not_encrypted,
    one_zone_in_production,
    parameter_not_accepted,
    password_in_the_open,
    performance_below_threshold,
    reachable_from_internet,
    replica_refused,
    retention_refused,
    snapshots_lose_tags,
    storage_out_of_bounds,
    storage_type_refused,
    subnet_group_in_one_zone,
    subscription_refused,
    tls_not_forced,
    two_sources_of_password,
    version_leaves_soon,
    windows_collide,
    zone_beside_multi_az,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    windows_collide.faults,  # DB001
    retention_refused.faults,  # DB002
    automated_backups_too_short.faults,  # DB003
    dies_without_snapshot.faults,  # DB004
    backups_deleted_with_instance.faults,  # DB005
    no_deletion_protection.faults,  # DB006
    cannot_be_created.faults,  # DB009
    extended_support_billed.faults,  # DB010
    version_leaves_soon.faults,  # DB011
    performance_below_threshold.faults,  # DB012
    storage_out_of_bounds.faults,  # DB013
    max_storage_too_near.faults,  # DB014
    storage_type_refused.faults,  # DB015
    monitoring_without_role.faults,  # DB016
    insights_refused.faults,  # DB017
    zone_beside_multi_az.faults,  # DB018
    name_refused.faults,  # DB019
    generated_password_refused.faults,  # DB020
    log_of_other_engine.faults,  # DB021
    exported_log_is_empty.faults,  # DB022
    exported_log_kept_for_ever.faults,  # DB023
    buffers_exceed_memory.faults,  # DB024
    memory_out_of_proportion.faults,  # DB025
    parameter_not_accepted.faults,  # DB026
    family_of_other_engine.faults,  # DB027
    tls_not_forced.faults,  # DB030
    reachable_from_internet.faults,  # DB031
    password_in_the_open.faults,  # DB032
    two_sources_of_password.faults,  # DB033
    managed_password_with_replica.faults,  # DB034
    replica_refused.faults,  # DB035
    backups_not_replicated.faults,  # DB036
    subnet_group_in_one_zone.faults,  # DB037
    not_encrypted.faults,  # DB038
    snapshots_lose_tags.faults,  # DB040
    blue_green_refused.faults,  # DB041
    subscription_refused.faults,  # DB043
    events_reach_nobody.faults,  # DB044
    one_zone_in_production.faults,  # DB045
)
