"""Replicating automated backups into other regions: base backups once, the log as it grows.

A pass looks at one replicated backup: it notes how far the source can be restored, copies what is missing, and only
then says so in the other region. So the latest restorable time there trails the source's, and what it promises is
there whatever becomes of the source. A pass that is killed is done again.
"""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.copying import copy_tree
from mainstay.sandbox.rds import replication
from mainstay.sandbox.rds.records import BACKUP, REPLICATED, Record
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.backups import BaseBackup, base_backups, end_backups, is_read_by_restore
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.mirror import mirror


def replicate(house: House) -> None:
    """One pass over every replicated backup that follows its source, one after the other."""
    with house.state.reading("") as tx:
        found = [each for each in tx.all(REPLICATED, every_region=True) if replication.is_under_way(each)]
    for record in found:
        if house.stopping.is_set():
            return
        region, resource = record["DBInstanceAutomatedBackupsArn"].split(":")[3], record["DbiResourceId"]
        try:
            advance(house, region, resource)
        except (EnvironmentLacking, OSError) as error:
            # A source that is going, or a full disk: the next pass sees which.
            log.info("replication of %s into %s waits: %s", resource, region, error)


def advance(house: House, region: str, resource: str) -> None:
    """One pass over a replicated backup. Errors: OSError, EnvironmentLacking; nothing it had is lost then."""
    with house.state.transaction(region) as tx:
        record = tx.get(REPLICATED, resource)
        source = replication.source_of(tx, record) if record is not None else None
        goes_on = record is not None and source is not None and replication.has_key(tx, record)
        if record is not None and not goes_on:
            replication.end(tx, record, source)
    if record is None or source is None or not goes_on or not source.get("LatestRestorableTime"):
        return
    copied = _copy_bases(house, region, record)
    for generation in sorted({base.generation for base in copied}):
        own, _ = house.layout.archive(resource, generation)
        there, _ = house.layout.archive(resource, generation, record["_home"])
        mirror(own, there, house.identity)
    if copied:
        _drop_older(house, region, record, copied)
        _promise(house, region, record, source)


def _copy_bases(house: House, region: str, record: Record) -> list[BaseBackup]:
    """The source's base backups, each copied before it is written down."""
    resource, home = record["DbiResourceId"], record["_home"]
    held = {base.id for base in base_backups(house, region, resource)}
    wanted = base_backups(house, record["Region"], resource)
    folder = house.layout.backups(resource, home)
    if not folder.is_dir():
        for parent in (house.layout.data / "replicated", folder.parent.parent, folder.parent, folder):
            house.identity.own_directory(parent)
    for base in wanted:
        if base.id not in held:
            _copy_base(house, region, base, home)
    return wanted


def _copy_base(house: House, region: str, base: BaseBackup, home: str) -> None:
    copy = BaseBackup(base.id, base.resource, base.generation, base.ended_at, base.size_bytes, home)
    into = copy.path(house)
    building = into.with_name(into.name + ".partial")
    for left in (building, into):  # of a pass that was killed before it could say so
        servers.sweep(house, left)
    copy_tree(base.path(house), building, identity=house.identity)
    building.rename(into)
    with house.state.transaction(region) as tx:
        tx.put(BACKUP, copy.id, copy.as_json())


def _drop_older(house: House, region: str, record: Record, copied: list[BaseBackup]) -> None:
    """Forget the generations that the source has given up: between them and its present one there is a gap."""
    resource = record["DbiResourceId"]
    present = {base.generation for base in copied}
    old = [base for base in base_backups(house, region, resource) if base.generation not in present]
    if not old or is_read_by_restore(house, region, resource):
        return
    with house.state.transaction(region) as tx:
        for base in old:
            tx.delete(BACKUP, base.id)
    for base in old:
        servers.sweep(house, base.path(house))
        servers.sweep(house, house.layout.archive(resource, base.generation, record["_home"])[0])


def _promise(house: House, region: str, record: Record, source: Record) -> None:
    """Say up to when the copy can be restored: as far as the source could when the pass began."""
    resource = record["DbiResourceId"]
    earliest = base_backups(house, region, resource)[0].ended_at
    window = {"EarliestTime": render_time(earliest), "LatestTime": source["LatestRestorableTime"]}
    with house.state.transaction(region) as tx:
        now = tx.get(REPLICATED, resource)
        if now is not None and not replication.is_under_way(now):
            return
        if now is not None:
            tx.put(REPLICATED, resource, _brought_up(now, source, window))
    if now is None:  # stopped and deleted while this pass copied
        end_backups(house, region, resource, record["_home"])
        servers.sweep(house, house.layout.instance(record["_home"]))


def _brought_up(now: Record, source: Record, window: Record) -> Record:
    shown = {name: source[name] for name in now if name in source and name not in _KEPT}
    instance = {**source, "KmsKeyId": now["KmsKeyId"], replication.LINKS: None}
    return {**now, **shown, "RestoreWindow": window, "Status": replication.REPLICATING, "_instance": instance}


# What the replicated backup has of its own.
_KEPT: Final = frozenset({"KmsKeyId", "BackupRetentionPeriod", "TagList", replication.LINKS})
