"""The steps by which an instance comes into being: new, as a read replica, or restored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import AnswerIsNo, TargetRefused
from mainstay.engines.engine import Engine
from mainstay.engines.ports import reserve_address
from mainstay.sandbox.rds import operations, versions
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.backups import BaseBackup, base_backups, first_backup
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.runtime import Runtime
from mainstay.sandbox.supervisor.work import Steps, Work

READY_S: Final = 60.0


class IncompatibleRestore(TargetRefused):
    """The data could not be brought to the point asked for."""


def lay_out(work: Work) -> None:
    """Give the instance its address, ports, directory, settings and certificate."""
    house, db = work.house, work.db()
    kind, major = versions.runs_as(db), versions.series_of(db)
    runtime = work.find_runtime()
    if runtime is None:
        taken = [(each.host, each.port) for each in house.runtimes()]
        with reserve_address(f"{house.layout.directory}/{work.region}/{work.resource}", db["_port"], taken) as address:
            identifier = str(db["DBInstanceIdentifier"])
            runtime = Runtime(work.resource, work.region, identifier, major, address.host, address.port, kind)
    binaries = house.binaries(kind, major)
    runtime.engine = {
        "version": binaries.version,
        "source": binaries.source,
        "note": _engine_note(db, house.engine(runtime), binaries.version),
    }
    runtime.source = db.get("_source")
    runtime.has_standby = bool(db["MultiAZ"])
    for directory in (
        house.layout.instance(work.resource),
        house.layout.backups(work.resource),
        house.layout.snapshots,
    ):
        house.identity.own_directory(directory)
    servers.take_parameters(house, runtime, db)
    for letter in filter(None, (runtime.primary, runtime.standby)):
        if letter not in runtime.servers:
            servers.new_server(house, runtime, letter)
    servers.certificate(house, runtime)
    house.save(runtime)


def _engine_note(db: dict[str, str], engine: Engine, version: str) -> str | None:
    if db["Engine"] != engine.name:
        asked = f"MySQL {db['EngineVersion']}"
        return f"a {engine.label} engine {version} runs where {asked} was asked for, as you have chosen"
    if db["EngineVersion"] == version:
        return None
    return f"{engine.label} {version} runs where {db['EngineVersion']} was asked for"


def initialise(work: Work) -> None:
    """Make the primary's data, and copy them for the standby while nothing runs yet."""
    house, db, runtime = work.house, work.db(), work.runtime()
    for letter in runtime.servers:
        servers.sweep(house, house.cluster(runtime, letter).home)
    primary = house.cluster(runtime)
    primary.initialise(db["MasterUsername"], work.params["password"], database=db.get("DBName"))
    servers.configure(house, runtime, runtime.primary, {})
    if runtime.standby:
        standby = house.cluster(runtime, runtime.standby)
        engine = house.engine(runtime)
        engine.copy_stopped(primary, standby)
        role = engine.standby_settings(primary, standby, servers.STANDBY_NAME)
        servers.configure(house, runtime, runtime.standby, role)


def start_all(work: Work) -> None:
    """Start the servers at once; then, side by side, synchronise the standby and take the first backup."""
    house, runtime = work.house, work.runtime()
    proofs = {letter: servers.start(house, runtime, letter, must_accept=False) for letter in runtime.servers}
    house.cluster(runtime).await_ready(proofs[runtime.primary], READY_S)
    with ThreadPoolExecutor(2) as pool:
        # The same object on both sides: each saves all of it.
        backup = pool.submit(_begin_backups, work, runtime)
        if runtime.standby:
            house.cluster(runtime, runtime.standby).await_ready(proofs[runtime.standby], READY_S)
            servers.synchronise(house, runtime)
        backup.result()


def _begin_backups(work: Work, runtime: Runtime) -> None:
    if work.db()["BackupRetentionPeriod"]:
        first_backup(work.house, runtime)


def open_instance(work: Work) -> None:
    """Listen, watch, and call the instance available."""
    house, runtime = work.house, work.runtime()
    servers.open_endpoint(house, runtime)
    servers.watch(house, runtime)
    with house.state.transaction(work.region) as tx:
        runtime.is_up = True
        tx.put("rds:runtime", runtime.resource, runtime.as_json())
    with house.instance(runtime) as (tx, record):
        record |= {
            "DBInstanceStatus": "available",
            "Endpoint": {"Address": runtime.host, "Port": runtime.port, "HostedZoneId": "ZSANDBOX"},
            "InstanceCreateTime": record.get("InstanceCreateTime") or render_time(tx.now),
        }
        if work.kind == operations.CREATE_REPLICA:
            record["StatusInfos"] = [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}]
        emit(tx, "RDS-EVENT-0005", record["DBInstanceIdentifier"])
    log.info("%s is available on %s:%s", runtime.identifier, runtime.host, runtime.port)


def copy_source(work: Work) -> None:
    """Copy the running source for the replica, which then streams from it."""
    house, runtime = work.house, work.runtime()
    servers.sweep(house, house.cluster(runtime).home)
    servers.copy_source(house, _source(work), runtime)


def _source(work: Work) -> Runtime:
    source = work.house.load(work.region, work.params["source"])
    if source is None:
        raise TargetRefused(
            "source is gone", detail=f"The source of {work.operation['instance']} was deleted meanwhile."
        )
    return source


def start_replica(work: Work) -> None:
    """Start the replica and wait until it streams."""
    house, runtime = work.house, work.runtime()
    servers.start(house, runtime, runtime.primary)
    house.engine(runtime).wait_streaming(house.cluster(_source(work)), runtime.stream_name)


def restore_data(work: Work) -> None:
    """Restore a snapshot, or the last base backup before the time asked for and the log up to it."""
    house, runtime = work.house, work.runtime()
    engine, cluster = house.engine(runtime), house.cluster(runtime)
    servers.sweep(house, cluster.home)
    cluster.prepare()
    tls = servers.certificate(house, runtime)
    try:
        if work.params.get("snapshot"):
            snapshot = engine.load_snapshot(house.layout.data / work.params["snapshot"])
            info = engine.restore(snapshot, cluster, settings=runtime.settings, tls=tls, force_ssl=runtime.force_ssl)
        else:
            at = parse_time(work.params["time"])
            base = _base_before(house, work, at)
            archive = engine.archive(*house.layout.archive(work.params["source"], base.generation, base.home))
            info = engine.restore(
                engine.load_snapshot(base.path(house)), cluster, archive=archive, target_time=at,
                settings=runtime.settings, tls=tls, force_ssl=runtime.force_ssl,
            )  # fmt: skip
    except (AnswerIsNo, TargetRefused) as error:
        raise IncompatibleRestore(error.summary, detail=error.detail, hint=error.hint) from error
    log.info(
        "%s restored up to %s: copy %.2f s, replay %.2f s",
        runtime.identifier,
        info.reached_time or "the snapshot's end",
        info.copy_s,
        info.replay_s,
    )


def _base_before(house: House, work: Work, at: datetime) -> BaseBackup:
    older = [each for each in base_backups(house, work.region, work.params["source"]) if each.ended_at < at]
    if not older:
        raise IncompatibleRestore(
            "no backup before the time",
            detail=f"The source of {work.operation['instance']} has no backup that ended before {render_time(at)}.",
            hint="choose a later time",
        )
    return max(older, key=lambda each: each.ended_at)


def finish_restored(work: Work) -> None:
    """Give the restored server, started again where it had died, its own backups and standby."""
    house, runtime = work.house, work.runtime()
    servers.start(house, runtime, runtime.primary)
    _begin_backups(work, runtime)
    if runtime.standby:
        servers.add_standby(house, runtime)
    event = "RDS-EVENT-0043" if work.params.get("snapshot") else "RDS-EVENT-0019"
    house.event(runtime, event, source=work.params["source_name"], target=runtime.identifier)


CREATE: Final[Steps] = (
    ("lay out", lay_out),
    ("initialise", initialise),
    ("start", start_all),
    ("open", open_instance),
)
CREATE_REPLICA: Final[Steps] = (
    ("lay out", lay_out),
    ("copy", copy_source),
    ("start", start_replica),
    ("open", open_instance),
)
RESTORE: Final[Steps] = (
    ("lay out", lay_out),
    ("restore", restore_data),
    ("finish", finish_restored),
    ("open", open_instance),
)
