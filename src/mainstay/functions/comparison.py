"""A database against its manifest: one check a line, each with what was expected and what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from mainstay.functions.database import Inspection, Replication, StatementRefused
from mainstay.functions.manifest import Manifest, Rows

Count = Callable[[str, str], int]


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and what was found."""

    name: str
    expected: str
    observed: str
    has_passed: bool

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, found {self.observed}"

    def as_json(self) -> dict[str, object]:
        """As it stands in a result."""
        return {
            "name": self.name,
            "expected": self.expected,
            "observed": self.observed,
            "has_passed": self.has_passed,
        }


def compare(manifest: Manifest, found: Inspection, count: Count) -> tuple[Check, ...]:
    """Every expectation of the manifest. `count` reads the rows of a table, given its schema and its name."""
    return (*_settings(manifest, found), *_replication(manifest, found.replication), *_tables(manifest, found, count))


def _settings(manifest: Manifest, found: Inspection) -> Iterator[Check]:
    wanted = manifest.version
    if wanted:
        is_begun = found.version == wanted or found.version.startswith((f"{wanted}.", f"{wanted}-", f"{wanted} "))
        yield Check("version", wanted, found.version, is_begun)
    for name, expected, observed in (
        ("character set", manifest.character_set, found.character_set),
        ("collation", manifest.collation, found.collation),
    ):
        if expected:
            yield Check(name, expected, observed, expected.lower() == observed.lower())


def _replication(manifest: Manifest, found: Replication) -> Iterator[Check]:
    """A replica that does not run fails whether or not a manifest speaks of it."""
    if manifest.replication:
        yield Check("replication role", manifest.replication, found.role, manifest.replication == found.role)
    if found.role == "replica":
        yield Check("replication runs", "running", found.detail or "running", found.is_running)
    if manifest.max_lag_s is not None:
        lag = "unknown" if found.lag_s is None else f"{found.lag_s:g} s"
        is_near = found.lag_s is not None and found.lag_s <= manifest.max_lag_s
        yield Check("replication lag", f"at most {manifest.max_lag_s:g} s", lag, is_near)


def _tables(manifest: Manifest, found: Inspection, count: Count) -> Iterator[Check]:
    wanted = manifest.tables or {}
    known = set(found.tables)
    named = {table: table if table in known else f"{found.schema}.{table}" for table in wanted}
    for table, rows in wanted.items():
        if named[table] not in known:
            yield Check(f"table {table}", "present", "missing", has_passed=False)
        elif rows.is_counted:
            schema, _, name = named[table].partition(".")
            yield _counted(table, rows, partial(count, schema, name))
        else:
            yield Check(f"table {table}", "present", "present", has_passed=True)
    if manifest.is_complete:
        extra = sorted(known - set(named.values()))
        yield Check("other tables", "none", ", ".join(extra) or "none", not extra)


def _counted(table: str, expected: Rows, count: Callable[[], int]) -> Check:
    """A table that cannot be read fails its own check and no other."""
    name = f"rows of {table}"
    try:
        rows = count()
    except StatementRefused as refusal:
        return Check(name, str(expected), f"unreadable ({refusal.detail})", has_passed=False)
    return Check(name, str(expected), f"{rows} rows", expected.admits(rows))
