"""Rules about database instances and their parameter groups."""

from mainstay.checks.database import (
    automated_backups_too_short,
    backups_deleted_with_instance,
    buffers_exceed_memory,
    cannot_be_created,
    dies_without_snapshot,
    extended_support_billed,
    family_of_other_engine,
    insights_refused,
    log_of_other_engine,
    managed_password_with_replica,
    max_storage_too_near,
    memory_out_of_proportion,
    monitoring_without_role,
    name_refused,
    no_deletion_protection,
    parameter_not_accepted,
    performance_below_threshold,
    reachable_from_internet,
    retention_refused,
    storage_out_of_bounds,
    storage_type_refused,
    tls_not_forced,
    two_sources_of_password,
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
    performance_below_threshold.faults,  # DB012
    storage_out_of_bounds.faults,  # DB013
    max_storage_too_near.faults,  # DB014
    storage_type_refused.faults,  # DB015
    monitoring_without_role.faults,  # DB016
    insights_refused.faults,  # DB017
    zone_beside_multi_az.faults,  # DB018
    name_refused.faults,  # DB019
    log_of_other_engine.faults,  # DB021
    buffers_exceed_memory.faults,  # DB024
    memory_out_of_proportion.faults,  # DB025
    parameter_not_accepted.faults,  # DB026
    family_of_other_engine.faults,  # DB027
    tls_not_forced.faults,  # DB030
    reachable_from_internet.faults,  # DB031
    two_sources_of_password.faults,  # DB033
    managed_password_with_replica.faults,  # DB034
)
