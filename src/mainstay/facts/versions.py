"""Engine versions: which can be created, the newest minor of a major, families, and when support ends."""

from __future__ import annotations

import re
from datetime import date

from mainstay.core.errors import InputRefused
from mainstay.core.records import dataclass
from mainstay.facts.loading import load

ENGINES = ("postgres", "mysql", "mariadb")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """When a major leaves standard support, when Extended Support is charged, doubles and ends."""

    standard_ends: date
    charged_from: date
    year_3_from: date
    extended_ends: date


def versions(engine: str, *, on: date | None = None) -> list[str]:
    """Versions with which an instance can be created, oldest first; empty for an engine that is not known.

    Left out are minors that AWS marks as not creatable or lists no longer, and those that have left by `on` (default:
    the date of the table).
    """
    fact = load("versions")
    day = on or fact.date
    closed = set(fact.data["not_creatable"].get(engine, ()))
    gone = {
        name for name, leaves in fact.data["leaves_on"].get(engine, {}).items() if date.fromisoformat(leaves) <= day
    }
    return [name for name in fact.data["creatable"].get(engine, ()) if name not in closed | gone]


def order(version: str) -> tuple[int, ...]:
    """A sort key: `8.0.46-rds.20260624` → (8, 0, 46, 20260624)."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def major_of(engine: str, version: str) -> str:
    """`17` of PostgreSQL 17.11, `8.4` of MySQL 8.4.11; PostgreSQL counts majors by one number since 10."""
    parts = version.split(".")
    return parts[0] if engine == "postgres" else ".".join(parts[:2])


def majors(engine: str) -> list[str]:
    """Majors of which some minor can be created, oldest first."""
    return list(dict.fromkeys(major_of(engine, name) for name in versions(engine)))


def newest_minor(engine: str, major: str) -> str:
    """The newest creatable version of a major; InputRefused when there is none."""
    candidates = [name for name in versions(engine) if major_of(engine, name) == major]
    if not candidates:
        raise InputRefused(
            "no such engine version",
            detail=f"RDS creates no {engine} {major}.",
            hint=f"use one of {', '.join(majors(engine)) or ', '.join(ENGINES)}",
        )
    return max(candidates, key=order)


def family(engine: str, version: str) -> str:
    """The parameter group family of a version: `postgres17`, `mysql8.4`."""
    return engine + major_of(engine, version)


def families(engine: str) -> list[str]:
    """Families whose parameter groups can be created today, oldest first."""
    return list(load("versions").data["families"].get(engine, ()))


def lifecycle(engine: str, version: str) -> Lifecycle | None:
    """Support dates of the version's major; None where AWS sells no Extended Support or the major is not known."""
    row = load("lifecycle").data.get(engine, {}).get(major_of(engine, version), {})
    return Lifecycle(**{name: date.fromisoformat(day) for name, day in row.items()}) if "charged_from" in row else None


def standard_ends(engine: str, version: str) -> date | None:
    """The last day of standard support of the version's major; None for a major that is not known."""
    row = load("lifecycle").data.get(engine, {}).get(major_of(engine, version), {})
    return date.fromisoformat(row["standard_ends"]) if row else None
