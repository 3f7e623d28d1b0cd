"""Rules about database instances and their parameter groups."""

from mainstay.checks.database import (
    automated_backups_too_short,
    backups_deleted_with_instance,
    buffers_exceed_memory,
    cannot_be_created,
    dies_without_snapshot,
    extended_support_billed,
    family_of_other_engine,
    managed_password_with_replica,
    max_storage_too_near,
    memory_out_of_proportion,
    no_deletion_protection,
    parameter_not_accepted,
    reachable_from_internet,
    tls_not_forced,
    windows_collide,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    windows_collide.faults,  # DB001
    automated_backups_too_short.faults,  # DB003
    dies_without_snapshot.faults,  # DB004
    backups_deleted_with_instance.faults,  # DB005
    no_deletion_protection.faults,  # DB006
    cannot_be_created.faults,  # DB009
    extended_support_billed.faults,  # DB010
    max_storage_too_near.faults,  # DB014
    buffers_exceed_memory.faults,  # DB024
    memory_out_of_proportion.faults,  # DB025
    parameter_not_accepted.faults,  # DB026
    family_of_other_engine.faults,  # DB027
    tls_not_forced.faults,  # DB030
    reachable_from_internet.faults,  # DB031
    managed_password_with_replica.faults,  # DB034
)
