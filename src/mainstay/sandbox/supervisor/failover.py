"""What happens when a server dies: the standby takes over, or the server is brought back where it was.

A standby may take over only while commits waited for it (`is_synchronous`, written down before commits stop
waiting and after they have begun to), so no commit that a client was told of is lost.
"""

from __future__ import annotations

from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.engines.no_standby import NoStandby
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.house import LOOPBACK, House, log
from mainstay.sandbox.supervisor.runtime import Runtime

FAILOVER_EVENTS: Final = ("RDS-EVENT-0013", "RDS-EVENT-0049", "RDS-EVENT-0015")
RECOVERY_EVENTS: Final = ("RDS-EVENT-0004", "RDS-EVENT-0020", "RDS-EVENT-0021", "RDS-EVENT-0006")
# Everything after the switch competes with the logins of the clients for the processors: they come first.
HEAD_START_S: Final = 0.2


def repair(house: House, runtime: Runtime) -> None:
    """Bring back whatever of an instance is dead; nothing happens when all of it runs."""
    if not runtime.is_up:
        return
    if house.cluster(runtime).find_proof() is None:
        house.board.hold(runtime.resource)
        if _can_take_over(house, runtime):
            take_over(house, runtime)
        else:
            _bring_back(house, runtime)
    settle(house, runtime)


def is_degraded(house: House, runtime: Runtime) -> bool:
    """Whether the primary serves, and nothing could take over from it."""
    return runtime.is_up and runtime.lacks_standby and house.cluster(runtime).find_proof() is not None


def _can_take_over(house: House, runtime: Runtime) -> bool:
    letter = runtime.standby
    if letter is None:
        return False
    if runtime.lacks_standby:
        log.warning("%s: its standby may lack commits that clients were told of: no takeover", runtime.identifier)
        return False
    return house.cluster(runtime, letter).find_proof() is not None


def take_over(house: House, runtime: Runtime) -> None:
    """Promote the standby and send the clients to it; the old primary's data are of no more use."""
    letter = runtime.standby
    assert letter is not None  # noqa: S101 - callers have seen that it runs
    standby = house.cluster(runtime, letter)
    try:
        promoted = house.engine(runtime).promote(standby)
        log.info("%s: standby took over in %.3f s", runtime.identifier, promoted.seconds)
    except NoStandby:
        log.info("%s: a supervisor before us had promoted the standby", runtime.identifier)
    home = house.cluster(runtime).home
    # Forgotten with the switch: a supervisor that is killed now must not wait for what is left of it to follow.
    del runtime.servers[runtime.primary]
    runtime.primary = letter
    runtime.servers[letter].is_synchronous = False
    house.board.point(runtime.resource, LOOPBACK, runtime.servers[letter].port)
    with house.state.transaction(runtime.region) as tx:
        tx.put("rds:runtime", runtime.resource, runtime.as_json())
    house.stopping.wait(HEAD_START_S)
    servers.follow_primary(house, runtime)
    with house.instance(runtime) as (tx, record):
        zones = record["AvailabilityZone"], record.get("SecondaryAvailabilityZone")
        record["SecondaryAvailabilityZone"], record["AvailabilityZone"] = zones
        for each in FAILOVER_EVENTS:
            emit(tx, each, record["DBInstanceIdentifier"])
    servers.sweep(house, home)


def _bring_back(house: House, runtime: Runtime) -> None:
    """Start the server where it was: what it has committed is on its disk. A replica's may be half a copy only."""
    letter = runtime.standby
    runtime.archiver_port = None
    if letter in runtime.servers and letter is not None:
        runtime.servers[letter].is_synchronous = False  # until it streams again: the primary's port may change
    house.save(runtime)
    source = house.load(runtime.region, runtime.source) if runtime.source else None
    if source is not None and not servers.is_whole(house, runtime):
        log.info("%s: its copy was left half-made and is made anew", runtime.identifier)
        servers.remake_replica(house, source, runtime)
    servers.start(house, runtime, runtime.primary)
    house.board.point(runtime.resource, LOOPBACK, runtime.servers[runtime.primary].port)
    house.event(runtime, *RECOVERY_EVENTS)


def settle(house: House, runtime: Runtime) -> None:
    """With a primary that runs: endpoint, standby, archive and watches as they are meant to be."""
    servers.open_endpoint(house, runtime)
    servers.watch(house, runtime)
    with house.state.reading(runtime.region) as tx:
        records = [db for db in tx.all("rds:db") if db["DbiResourceId"] == runtime.resource]
    if (
        records
        and records[0]["BackupRetentionPeriod"]
        and records[0].get("LatestRestorableTime")
        and not runtime.source
    ):
        servers.keep_archiving(house, runtime)
    restore_redundancy(house, runtime)
    servers.watch(house, runtime)


def restore_redundancy(house: House, runtime: Runtime) -> None:
    """See to it that the standby runs and commits wait for it.

    One that cannot follow any more is made anew, and one that a killed supervisor left half-made at once.
    """
    letter = runtime.standby
    if letter is None:
        return
    if letter in runtime.servers and runtime.servers[letter].is_half_made:
        log.info("%s: its standby was left half-made and is made anew", runtime.identifier)
    elif letter in runtime.servers and house.cluster(runtime, letter).data_directory.exists():
        standby = house.cluster(runtime, letter)
        if runtime.servers[letter].is_synchronous and standby.find_proof() is not None:
            return
        servers.release_standby(house, runtime)
        try:
            engine, primary = house.engine(runtime), house.cluster(runtime)
            servers.configure(house, runtime, letter, engine.standby_settings(primary, standby, servers.STANDBY_NAME))
            if standby.find_proof() is not None:
                engine.follow(standby, primary, servers.STANDBY_NAME, acknowledges=True)
            servers.start(house, runtime, letter)
            servers.synchronise(house, runtime)
        except MainstayError as error:
            log.warning("%s: the standby is made anew: %s", runtime.identifier, error.summary)
        else:
            return
    servers.release_standby(house, runtime)
    servers.stop_if_known(house, runtime, letter)
    servers.add_standby(house, runtime)
