"""Rules about RDS Proxy: that it deploys, lets clients in, and is worth its place."""

from mainstay.checks.proxy import (
    pinning_filter_on_postgres,
    pool_out_of_bounds,
    pool_takes_everything,
    proxy_bypassed,
    proxy_cut_off,
    proxy_dearer_than_database,
    proxy_of_other_engine,
    proxy_subnets_unfit,
    proxy_without_tls,
    role_cannot_read_secret,
    secret_without_login,
    target_unfit,
    token_without_tls,
)
from mainstay.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    proxy_of_other_engine.faults,  # PX001
    token_without_tls.faults,  # PX002
    proxy_subnets_unfit.faults,  # PX003
    target_unfit.faults,  # PX004
    pool_out_of_bounds.faults,  # PX005
    pinning_filter_on_postgres.faults,  # PX006
    role_cannot_read_secret.faults,  # PX007
    secret_without_login.faults,  # PX008
    proxy_cut_off.faults,  # PX009
    pool_takes_everything.faults,  # PX010
    proxy_without_tls.faults,  # PX011
    proxy_dearer_than_database.faults,  # PX012
    proxy_bypassed.faults,  # PX013
)
