"""One database as it was seen: the side of a comparison, at the source or in a copy."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.probe.catalog import Catalog
from mainstay.probe.dialect import Dialect
from mainstay.probe.fingerprint import Fingerprints
from mainstay.probe.sequences import Sequence
from mainstay.probe.session import Connection
from mainstay.probe.together import ALONE, Company


@dataclass(frozen=True, slots=True)
class DatabaseReading:
    """One database as it was seen."""

    fingerprints: Fingerprints
    sequences: tuple[Sequence, ...]
    catalog: Catalog


def read_one(
    dialect: Dialect, connection: Connection, *, timeout_s: float, company: Company = ALONE
) -> DatabaseReading:
    """Read the connection's database, with what `company` has beside it. `timeout_s` is the longest that one statement
    may take.
    """
    return DatabaseReading(
        dialect.fingerprints(connection, timeout_s=timeout_s, company=company),
        dialect.sequences(connection, timeout_s=timeout_s),
        dialect.catalog(connection, timeout_s=timeout_s),
    )
