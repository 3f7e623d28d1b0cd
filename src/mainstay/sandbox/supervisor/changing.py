"""The steps that change an instance that runs: modify, reboot, stop, start, promote, reload."""

from __future__ import annotations

from typing import Any, Final

from mainstay.core.errors import MainstayError
from mainstay.engines.ports import reserve_address
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import ENDPOINT, INSTANCE, put_instance
from mainstay.sandbox.supervisor import backups, failover, servers
from mainstay.sandbox.supervisor.house import House
from mainstay.sandbox.supervisor.runtime import Runtime, save_runtime
from mainstay.sandbox.supervisor.work import Steps, Work

OWN_WORK: Final = ("MultiAZ", "BackupRetentionPeriod", "Port", "DBInstanceIdentifier", "MasterUserPassword")


def modify(work: Work) -> None:
    """Carry out each change; all may be repeated."""
    house, runtime, changes = work.house, work.runtime(), work.params["changes"]
    if work.params.get("password"):
        house.cluster(runtime).set_password(work.db()["MasterUsername"], work.params["password"])
        house.event(runtime, "RDS-EVENT-0016")
    if changes.get("MultiAZ") is True and not runtime.has_standby:
        runtime.has_standby = True
        house.save(runtime)
    if changes.get("MultiAZ") is True:
        failover.restore_redundancy(house, runtime)
        house.event(runtime, "RDS-EVENT-0050")
    elif changes.get("MultiAZ") is False:
        servers.remove_standby(house, runtime)
    if "BackupRetentionPeriod" in changes:
        _change_retention(house, work, changes["BackupRetentionPeriod"])
    if "Port" in changes:
        _move_endpoint(house, work.runtime(), changes["Port"])
    if "DBInstanceIdentifier" in changes:
        _take_name(house, work.runtime(), changes["DBInstanceIdentifier"])


def _take_name(house: House, runtime: Runtime, name: str) -> None:
    """Listen where the new name leads to, and leave the old name its address for whoever takes it next.

    An endpoint's DNS name is made of the identifier, not of what bears it (RDS User Guide, "Renaming a DB instance",
    2026-11-21). The other half of a move is written with it, so that it may be repeated.
    """
    with house.state.reading(runtime.region) as tx:
        known = tx.get(ENDPOINT, name)
    here = {"host": runtime.host, "port": runtime.port}
    if known != here:
        taken = [(each.host, each.port) for each in house.runtimes()]
        if known and known["port"] == runtime.port and (known["host"], known["port"]) not in taken:
            runtime.host = known["host"]
        else:
            key = f"{house.layout.directory}/{runtime.region}/{runtime.resource}/{name}"
            with reserve_address(key, runtime.port, taken) as address:
                runtime.host, runtime.port = address.host, address.port
        with house.state.transaction(runtime.region) as tx:
            tx.put(ENDPOINT, runtime.identifier, here)
            tx.put(ENDPOINT, name, {"host": runtime.host, "port": runtime.port})
            save_runtime(tx, runtime)
    _reconfigure(house, runtime)


def _reconfigure(house: House, runtime: Runtime) -> None:
    """Let the servers know of another address: their certificate is for it."""
    for letter in runtime.whole_servers:
        servers.configure(house, runtime, letter)
        house.cluster(runtime, letter).reload()


def _change_retention(house: House, work: Work, days: int) -> None:
    runtime = work.runtime()
    if days and not work.db().get("LatestRestorableTime"):
        backups.first_backup(house, runtime)
        house.event(runtime, "RDS-EVENT-0032")
    elif not days:
        servers.stop_archiving(house, runtime, for_good=True)
        backups.end_backups(house, work.region, work.resource)
        # What follows a gap is another archive: the log from here to the next backup is missing.
        runtime.generation += 1
        house.save(runtime)
        work.change(LatestRestorableTime=None, _earliest=None)
        house.event(runtime, "RDS-EVENT-0028")


def _move_endpoint(house: House, runtime: Runtime, port: int) -> None:
    if runtime.port == port:
        return
    key = f"{house.layout.directory}/{runtime.region}/{runtime.resource}"
    taken = [(each.host, each.port) for each in house.runtimes()]
    with reserve_address(key, port, taken) as address:
        runtime.host, runtime.port = address.host, address.port
    _reconfigure(house, runtime)
    house.save(runtime)


def record_changes(work: Work) -> None:
    """Show the new values, take them out of the pending ones, and call the instance available."""
    house, runtime, changes = work.house, work.runtime(), work.params["changes"]
    servers.open_endpoint(house, runtime)
    servers.watch(house, runtime)
    with house.state.transaction(work.region) as tx:
        record = tx.get(INSTANCE, runtime.identifier) or work.db()
        old = record["DBInstanceIdentifier"]
        record.update({name: value for name, value in changes.items() if name not in ("Port", "MasterUserPassword")})
        _rewrite(record, runtime, changes)
        runtime.identifier = record["DBInstanceIdentifier"]
        if old != runtime.identifier:
            tx.delete(INSTANCE, old)
            record["DBInstanceArn"] = tx.arn("rds", f"db:{runtime.identifier}")
            for replica in tx.all(INSTANCE):
                if replica.get("ReadReplicaSourceDBInstanceIdentifier") == old:
                    put_instance(tx, replica | {"ReadReplicaSourceDBInstanceIdentifier": runtime.identifier})
        put_instance(tx, record)
        tx.put("rds:runtime", runtime.resource, runtime.as_json())


def _rewrite(record: dict[str, Any], runtime: Runtime, changes: dict[str, Any]) -> None:
    pending = record["PendingModifiedValues"]
    done = (*changes, "MasterUserPassword")
    record["PendingModifiedValues"] = {name: value for name, value in pending.items() if name not in done}
    record["DBInstanceStatus"] = "available"
    record["Endpoint"] = {"Address": runtime.host, "Port": runtime.port, "HostedZoneId": "ZSANDBOX"}
    if "Port" in changes:
        record["_port"] = changes["Port"]
    if "MultiAZ" in changes:
        zone = record["AvailabilityZone"]
        other = zone[:-1] + ("b" if zone.endswith("a") else "a")
        record["SecondaryAvailabilityZone"] = other if changes["MultiAZ"] else None


def reboot(work: Work) -> None:
    """Restart the primary with its group's parameters, or let the standby take over."""
    house, runtime = work.house, work.runtime()
    runtime.is_up = False  # with parameters that it refuses, the server stays down
    house.save(runtime)
    house.board.unwatch(runtime.resource, "primary", "standby")
    house.board.hold(runtime.resource)
    servers.stop(house, runtime, runtime.primary)
    servers.take_parameters(house, runtime, work.db())
    house.save(runtime)
    for letter in runtime.whole_servers:
        servers.configure(house, runtime, letter)
    if work.params.get("failover") and runtime.standby is not None and not runtime.lacks_standby:
        failover.take_over(house, runtime)
    else:
        _restart(house, runtime)


def _restart(house: House, runtime: Runtime) -> None:
    runtime.archiver_port = None
    servers.start(house, runtime, runtime.primary)
    house.board.point(runtime.resource, "127.0.0.1", runtime.servers[runtime.primary].port)
    if runtime.standby in runtime.whole_servers and runtime.standby is not None:
        servers.stop(house, runtime, runtime.standby)
        servers.start(house, runtime, runtime.standby)


def settle(work: Work) -> None:
    """Bring standby and archive back, and call the instance available with its parameters in sync."""
    house, runtime = work.house, work.runtime()
    servers.start(house, runtime, runtime.primary)
    runtime.is_up = True
    house.save(runtime)
    failover.settle(house, runtime)
    with house.instance(runtime) as (tx, record):
        record["DBInstanceStatus"] = "available"
        record["DBParameterGroups"][0]["ParameterApplyStatus"] = "in-sync"
        if record.pop("_failure", None):
            record["StatusInfos"] = None
        emit(tx, "RDS-EVENT-0006", record["DBInstanceIdentifier"])


def stop_instance(work: Work) -> None:
    """Stop everything, in the order in which nothing is lost; the address stays reserved in the record only."""
    house, runtime = work.house, work.runtime()
    runtime.is_up = False
    house.save(runtime)
    house.board.close(runtime.resource)
    servers.stop(house, runtime, runtime.primary)
    if runtime.standby in runtime.servers and runtime.standby is not None:
        servers.stop(house, runtime, runtime.standby)
    servers.stop_archiving(house, runtime)
    with house.instance(runtime) as (tx, record):
        record["DBInstanceStatus"] = "stopped"
        emit(tx, "RDS-EVENT-0087", record["DBInstanceIdentifier"])


def start_instance(work: Work) -> None:
    """Start the servers again, with the parameters as they are now."""
    house, runtime = work.house, work.runtime()
    servers.take_parameters(house, runtime, work.db())
    house.save(runtime)
    for letter in runtime.whole_servers:
        servers.configure(house, runtime, letter)
        servers.start(house, runtime, letter, must_accept=letter == runtime.primary)


def promote_replica(work: Work) -> None:
    """Make the replica a primary of its own."""
    house, runtime = work.house, work.runtime()
    cluster = house.cluster(runtime)
    servers.start(house, runtime, runtime.primary)
    if cluster.is_in_recovery():
        house.engine(runtime).promote(cluster)
    runtime.source = None
    house.save(runtime)
    if work.params["retention"]:
        backups.first_backup(house, runtime)
    with house.instance(runtime) as (_, record):
        record |= {"ReadReplicaSourceDBInstanceIdentifier": None, "StatusInfos": None, "_source": None,
                   "BackupRetentionPeriod": work.params["retention"], "DBInstanceStatus": "available"}  # fmt: skip


def reload(work: Work) -> None:
    """Take over a parameter group's dynamic parameters; those that need a restart wait for one."""
    house, runtime = work.house, work.runtime()
    if not runtime.is_up:
        return
    servers.take_parameters(house, runtime, work.db())
    house.save(runtime)
    for letter in runtime.whole_servers:
        servers.configure(house, runtime, letter)
        try:
            house.cluster(runtime, letter).reload()
        except MainstayError:
            continue  # it is down; it reads its files when it is brought back


MODIFY: Final[Steps] = (("change", modify), ("record", record_changes))
REBOOT: Final[Steps] = (("restart", reboot), ("settle", settle))
STOP: Final[Steps] = (("stop", stop_instance),)
START: Final[Steps] = (("start", start_instance), ("settle", settle))
PROMOTE: Final[Steps] = (("promote", promote_replica),)
RELOAD: Final[Steps] = (("reload", reload),)
