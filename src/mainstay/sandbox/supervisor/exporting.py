"""Exports of snapshots: a server is started on a copy of the snapshot, its tables are read, and it is taken away.

The bucket holds, below `<prefix>/<task>/`, what RDS writes there: `<database>/<schema>.<table>/<batch>/part-…`, a mark
when a batch is complete, and two documents about the task and its tables (RDS User Guide,
USER_ExportSnapshot.FileNames, 2026-11-21). The parts are CSV, and the documents say so.
"""

from __future__ import annotations

import gzip
import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.engines.mariadb import tables as mariadb_tables
from mainstay.engines.postgres import tables as postgres_tables
from mainstay.engines.tables import Table
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import versions
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.exports import UNDER_WAY, WARNING
from mainstay.sandbox.rds.records import EXPORT, Record, answer
from mainstay.sandbox.services.s3_objects import BUCKET, delete_object, list_objects_v2, put_object
from mainstay.sandbox.state import Transaction
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.house import LOOPBACK, House
from mainstay.sandbox.supervisor.runtime import Runtime
from mainstay.sandbox.supervisor.work import Steps, Work

# A part is kept in memory while it is written.
PART_BYTES: Final = 32 * 1024 * 1024
GIB: Final = 2**30
# Characters of names that RDS writes as underscores: USER_ExportSnapshot, considerations (2026-11-21).
_CONVERTED: Final = str.maketrans(dict.fromkeys('\\`" ', "_"))
_READERS: Final[dict[str, ModuleType]] = {"postgres": postgres_tables}


class _Cancelled(Exception):
    """Somebody wants the export to end."""


class _Failed(Exception):
    """The export cannot go on, for a reason that is the task's FailureCause."""


@dataclass(slots=True)
class _Writing:
    """One export while it runs: what has been written so far."""

    work: Work
    task: Record
    done: list[dict[str, Any]] = field(default_factory=list)  # Any: JSON of the tables' document
    extracted_bytes: int = 0

    @property
    def folder(self) -> str:
        """Where in the bucket the task writes: the prefix, and the task's own name below it."""
        prefix = str(self.task["S3Prefix"]).strip("/")
        return "/".join(filter(None, (prefix, self.task["ExportTaskIdentifier"])))

    def put(self, name: str, content: bytes) -> None:
        """Write an object of the task, encrypted with its key."""
        with self.work.house.state.transaction(self.work.region) as tx:
            try:
                put_object(
                    tx,
                    {
                        "Bucket": self.task["S3Bucket"],
                        "Key": f"{self.folder}/{name}",
                        "Body": content,
                        "ServerSideEncryption": "aws:kms",
                        "SSEKMSKeyId": self.task["KmsKeyId"],
                    },
                )
            except ServiceError as error:
                raise _Failed(f"{error.code}: {error.message}") from error


def export(work: Work) -> None:
    """Export the snapshot from its beginning; what an export that was cut short has written is taken away first.

    A task that has ended is left as it is: its supervisor was killed before it could write that the work is done.
    """
    house, task = work.house, _begun(work)
    if task is None:
        servers.sweep(house, house.layout.instance(work.resource))
        return
    writing = _Writing(work, task)
    runtime = _laid_out(work)
    try:
        _restore(house, runtime, work.params["snapshot"])
        _write_tables(writing, runtime)
        _end(writing, "COMPLETE", "RDS-EVENT-0161")
    except _Cancelled:
        _end(writing, "CANCELED", "RDS-EVENT-0160")
    except _Failed as failure:
        fail(work, str(failure))
    finally:
        servers.sweep(house, house.layout.instance(runtime.resource))


def fail(work: Work, reason: str) -> None:
    """Call the task failed."""
    with work.house.state.transaction(work.region) as tx:
        task = tx.get(EXPORT, work.params["task"])
        if task is not None:
            ended = {"Status": "FAILED", "FailureCause": reason, "TaskEndTime": render_time(tx.now)}
            tx.put(EXPORT, task["ExportTaskIdentifier"], {**task, **ended})
            _tell(tx, work, "RDS-EVENT-0159")


def _begun(work: Work) -> Record | None:
    with work.house.state.transaction(work.region) as tx:
        task = tx.get(EXPORT, work.params["task"])
        if task is None or task["Status"] not in UNDER_WAY:
            return None
        if task["Status"] == "STARTING":
            task |= {"Status": "IN_PROGRESS", "TaskStartTime": render_time(tx.now)}
            tx.put(EXPORT, task["ExportTaskIdentifier"], task)
        elif task["Status"] == "IN_PROGRESS":
            _clear(tx, task["S3Bucket"], f"{_Writing(work, task).folder}/")
    return task


def _clear(tx: Transaction, bucket: str, folder: str) -> None:
    """Remove what lies in a folder, so that nobody reads a row twice."""
    if tx.get(BUCKET, bucket) is None:
        return
    for item in list_objects_v2(tx, {"Bucket": bucket, "Prefix": folder, "MaxKeys": sys.maxsize})["Contents"]:
        delete_object(tx, {"Bucket": bucket, "Key": item["Key"]})


def _laid_out(work: Work) -> Runtime:
    """A server that belongs to no instance and is in no record: whatever of it is left is swept."""
    house, snapshot = work.house, work.params["snapshot"]
    kind, major = versions.runs_as(snapshot), versions.series_of(snapshot)
    runtime = Runtime(work.resource, work.region, work.resource, major, LOOPBACK, 0, kind)
    servers.sweep(house, house.layout.instance(work.resource))
    house.identity.own_directory(house.layout.instance(work.resource))
    servers.new_server(house, runtime, runtime.primary)
    return runtime


def _restore(house: House, runtime: Runtime, snapshot: Record) -> None:
    engine, cluster = house.engine(runtime), house.cluster(runtime)
    cluster.prepare()
    engine.restore(
        engine.load_snapshot(house.layout.data / snapshot["_directory"]),
        cluster,
        settings={},
        tls=servers.certificate(house, runtime),
        force_ssl=True,
    )


def _write_tables(writing: _Writing, runtime: Runtime) -> None:
    reader = _READERS.get(runtime.kind, mariadb_tables)
    cluster = writing.work.house.cluster(runtime)
    only = writing.task["ExportOnly"]
    wanted = [table for table in reader.tables(cluster) if _is_wanted(table, only)]
    if only and not wanted:
        raise _Failed(f"The snapshot holds nothing of what is to be exported: {', '.join(only)}")
    for number, table in enumerate(wanted):
        _progress(writing, 100 * number // len(wanted))
        _write_table(writing, table, reader.lines(cluster, table))
    _write_documents(writing)


def _is_wanted(table: Table, only: list[str]) -> bool:
    path = [table.database, table.schema, table.name]
    if table.database == table.schema:
        path = [table.database, table.name]
    return not only or any(each.split(".") == path[: each.count(".") + 1] for each in only)


def _progress(writing: _Writing, percent: int) -> None:
    """Tell how far it is, and learn whether anybody still wants it."""
    with writing.work.house.state.transaction(writing.work.region) as tx:
        name = writing.task["ExportTaskIdentifier"]
        task = tx.get(EXPORT, name) or {"Status": "CANCELING"}
        if task["Status"] == "CANCELING":
            raise _Cancelled
        tx.put(EXPORT, name, {**task, "PercentProgress": percent})


def _write_table(writing: _Writing, table: Table, lines: Iterator[bytes]) -> None:
    begun = _now(writing)
    place = f"{table.database}/{table.schema}.{table.name}".translate(_CONVERTED)
    rows = 0
    for number, (part, count) in enumerate(_parts(lines)):
        rows += count
        writing.extracted_bytes += len(part)
        name = f"{place}/1/part-{number:05}-{uuid.uuid4()}.csv.gz"
        writing.put(name, gzip.compress(part, mtime=0))
    writing.put(f"{place}/1/_SUCCESS", b"")
    columns = [{"columnName": name, "originalType": kind, "expectedExportedType": "csv text"}
               for name, kind in table.columns]  # fmt: skip
    writing.done.append(
        {
            "target": f"{table.database}.{table.schema}.{table.name}",
            "status": "COMPLETE",
            "rowCount": rows,
            "tableStatistics": {"extractionStartTime": begun, "extractionEndTime": _now(writing)},
            "schemaMetadata": {"originalTypeMappings": columns},
        }
    )


def _parts(lines: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """The lines in parts that memory holds, each with the names of the columns, and how many rows each has."""
    header = next(lines, b"")
    held, size = [header], len(header)
    for line in lines:
        if size + len(line) > PART_BYTES and len(held) > 1:
            yield b"".join(held), len(held) - 1
            held, size = [header], len(header)
        held.append(line)
        size += len(line)
    yield b"".join(held), len(held) - 1


def _write_documents(writing: _Writing) -> None:
    """What RDS writes about a task and its tables; `exportedFormat` is the sandbox's own word about its files."""
    task, name = writing.task, writing.task["ExportTaskIdentifier"]
    about = {"exportedFormat": "csv.gz", "note": WARNING}
    members = {member[0].lower() + member[1:]: value for member, value in answer(task).items()}
    info = {**members, "status": "COMPLETE", "percentProgress": 100, "taskEndTime": _now(writing),
            "exportedFilesPath": f"{writing.folder}/", **about}  # fmt: skip
    writing.put(f"export_info_{name}.json", json.dumps(info, indent=1).encode())
    count = len(writing.done)
    tables = {"perTableStatus": writing.done, **about}
    writing.put(f"export_tables_info_{name}_from_1_to_{count}.json", json.dumps(tables, indent=1).encode())


def _end(writing: _Writing, status: str, event: str) -> None:
    work = writing.work
    with work.house.state.transaction(work.region) as tx:
        task = tx.get(EXPORT, writing.task["ExportTaskIdentifier"])
        if task is not None:
            ended: Record = {"Status": status, "TaskEndTime": render_time(tx.now)}
            if status == "COMPLETE":
                ended |= {"PercentProgress": 100, "TotalExtractedDataInGB": -(-writing.extracted_bytes // GIB)}
            tx.put(EXPORT, task["ExportTaskIdentifier"], {**task, **ended})
            _tell(tx, work, event)


def _tell(tx: Transaction, work: Work, event: str) -> None:
    emit(tx, event, work.params["snapshot"]["DBSnapshotIdentifier"], source_type="db-snapshot")


def _now(writing: _Writing) -> str:
    with writing.work.house.state.reading(writing.work.region) as tx:
        return render_time(tx.now)


EXPORT_STEPS: Final[Steps] = (("export", export),)
