"""What acts by itself in a PostgreSQL server, and how a restored copy is kept from it: before it starts, and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mainstay.probe.postgres.errors import PostgresError
from mainstay.probe.postgres.server import settings
from mainstay.probe.postgres.session import PostgresConnection, quoted
from mainstay.probe.server import Acting

# Libraries that start workers of their own, which write: jobs, partitions, and replication beside the built-in one
# (their READMEs, 2026-11-21). RDS loads them from this parameter, which is static (RDS User Guide, PostgreSQL_pg_cron
# and Appendix.PostgreSQL.CommonDBATasks.Parameters). It is taken rather than pg_cron's own `cron.launch_active_jobs`,
# which is not among the parameters that the same page lists for RDS (2026-11-21).
LIBRARIES: Final = ("pg_cron", "pg_partman_bgw", "pgactive", "pglogical")
PRELOADED: Final = "shared_preload_libraries"
# Static, 0-262143. With 0 PostgreSQL does not even start the launcher of apply workers (postmaster, 10 to 18).
# `rds.logical_replication` is no substitute: it sets `wal_level`, for those who read this server, and stays as it is.
WORKERS: Final = "max_logical_replication_workers"
# RDS loads pgactive by a switch of its own (RDS User Guide, pgactive.basic-setup, 2026-11-21).
_SWITCH: Final = "rds.enable_pgactive"
_PROCESSES: Final = f"""
SELECT backend_type || ' ' || count(*) FROM pg_stat_activity
WHERE backend_type ~ '^(logical replication|{"|".join(LIBRARIES)})' GROUP BY backend_type ORDER BY 1"""
_SUBSCRIPTIONS: Final = """
SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database() AND s.subenabled ORDER BY 1"""
# pg_cron's own table, in the one database that it is installed in (pg_cron's README, 2026-11-21).
_JOBS: Final = "UPDATE cron.job SET active = false WHERE active RETURNING jobid"


def silent_parameters(sets: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters of a server in which no subscription and no job begins, for what its source sets."""
    silent = {WORKERS: "0"}
    loaded = _listed(sets.get(PRELOADED, ""))
    if kept := [name for name in loaded if name not in LIBRARIES]:
        silent |= {PRELOADED: ",".join(kept)} if kept != loaded else {}
    elif loaded:  # nothing is left of it: the engine's own value, since RDS may not take an empty one
        silent[PRELOADED] = ""
    return silent | ({_SWITCH: "0"} if _SWITCH in sets else {})


def _listed(value: str) -> list[str]:
    return [name for part in value.split(",") if (name := part.strip().strip('"'))]


def acting(connection: PostgresConnection) -> Acting:
    """Whether subscriptions are applied or jobs begun, or can be. Errors: psycopg.Error."""
    found = settings(connection, (WORKERS, PRELOADED))
    running = [str(row[0]) for row in connection.execute(_PROCESSES).fetchall()]
    workers, loaded = (found[name].value if name in found else "not told" for name in (WORKERS, PRELOADED))
    acts = [f"{WORKERS} = {workers}"] if workers != "0" else []
    acts += [f"{name} is loaded" for name in _listed(loaded) if name in LIBRARIES or name == "not told"]
    words = f"{WORKERS} = {workers}, {PRELOADED} = {loaded or 'none'}, {', '.join(running) or 'no worker'}"
    return Acting((*acts, *running), words)


def silence(connection: PostgresConnection) -> Sequence[str]:
    """Switch off what would act by itself in a restored copy: subscriptions and pg_cron's jobs of this database; their
    names. A job that this login may not see or change stays, and the error says so. Errors: psycopg.Error.
    """
    subscriptions = [str(row[0]) for row in connection.execute(_SUBSCRIPTIONS).fetchall()]
    for name in subscriptions:
        connection.execute(f"ALTER SUBSCRIPTION {quoted(name)} DISABLE")
    return [
        *(f"subscription {name}" for name in subscriptions),
        *(f"job {number}" for number in _stop_jobs(connection)),
    ]


def _stop_jobs(connection: PostgresConnection) -> list[int]:
    row = connection.execute("SELECT to_regclass('cron.job')").fetchone()
    if row is None or row[0] is None:
        return []
    try:
        return [int(number) for (number,) in connection.execute(_JOBS).fetchall()]
    except PostgresError as error:
        # The table's trigger is pg_cron's own code, which refuses to be loaded later: then no job can begin either
        # (pg_cron.c, _PG_init, 2026-11-21).
        if PRELOADED in str(error):
            return []
        raise
