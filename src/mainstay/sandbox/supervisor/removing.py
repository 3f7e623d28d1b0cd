"""The steps by which an instance goes: its endpoint, servers, data, backups, and record, in this order."""

from __future__ import annotations

import contextlib
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import MainstayError
from mainstay.sandbox.rds.automated_backups import backup_of
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import AUTOMATED, INSTANCE, RUNTIME
from mainstay.sandbox.services import secretsmanager
from mainstay.sandbox.supervisor import backups, servers
from mainstay.sandbox.supervisor.house import find_instance
from mainstay.sandbox.supervisor.work import Steps, Work


def close(work: Work) -> None:
    """Let nobody in any more, and bring the archive up to the last commit when it is to be kept."""
    house, runtime = work.house, work.find_runtime()
    if runtime is None:
        return
    runtime.is_up = False
    house.save(runtime)
    house.board.close(runtime.resource)
    if work.params["keep_backups"] and runtime.archiver_proof is not None:
        with contextlib.suppress(MainstayError):  # a server that is dead already has nothing to add
            beat = house.engine(runtime).fence(house.archive(runtime), house.cluster(runtime), 10)
            work.change(LatestRestorableTime=render_time(beat.at))


def stop_servers(work: Work) -> None:
    """Stop the servers and remove their data."""
    house, runtime = work.house, work.find_runtime()
    directory = house.layout.instance(work.resource)
    if runtime is not None:
        if runtime.archiver_proof is not None:
            servers.stop_archiving(house, runtime)
        for letter in runtime.servers:
            servers.stop(house, runtime, letter, "immediate")
    for name in ("a", "b", "tls"):
        servers.sweep(house, directory / name)


def remove_backups(work: Work) -> None:
    """Remove the automated backups, unless they are to be kept; a restore that reads them is waited for."""
    house = work.house
    with house.state.reading(work.region) as tx:
        record = find_instance(tx, work.resource)
    if work.params["keep_backups"] and record is not None and record.get("LatestRestorableTime"):
        return
    backups.await_readers(house, work.region, work.resource)
    backups.end_backups(house, work.region, work.resource)
    servers.sweep(house, house.layout.instance(work.resource))


def forget(work: Work) -> None:
    """Remove the record, and the secret that RDS had made for it."""
    with work.house.state.transaction(work.region) as tx:
        tx.delete(RUNTIME, work.resource)
        record = find_instance(tx, work.resource)
        if record is None:
            return
        if work.params["keep_backups"] and record.get("LatestRestorableTime"):
            tx.put(AUTOMATED, work.resource, backup_of(tx, record, "retained"))
        if "MasterUserSecret" in record:
            secretsmanager.remove(tx, record["MasterUserSecret"]["SecretArn"])
        tx.delete(INSTANCE, record["DBInstanceIdentifier"])
        emit(tx, "RDS-EVENT-0003", record["DBInstanceIdentifier"])


DELETE: Final[Steps] = (
    ("close", close),
    ("stop", stop_servers),
    ("remove backups", remove_backups),
    ("forget", forget),
)
