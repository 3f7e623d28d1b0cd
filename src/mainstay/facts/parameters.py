"""Engine parameters as RDS takes them: unit, bounds, default, and whether a change needs a reboot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.facts.formulas import evaluate
from mainstay.facts.loading import load
from mainstay.facts.versions import ENGINES, order

_UNIT_BYTES = {"bytes": 1, "KiB": 2**10, "8KiB": 8 * 2**10, "MiB": 2**20}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFact:
    """One parameter of an engine.

    `kind` is boolean, integer, real, string or enum; `unit` is one of bytes, KiB, 8KiB, MiB, ms, s, or None. Values
    carry no unit suffix: RDS refuses `256MB`. `defaults` maps the first major it holds for (empty text: all) to a
    number or formula; it is empty when RDS sets none of its own, or none is known.
    """

    name: str
    engine: str
    kind: str
    unit: str | None = None
    least: float | None = None
    most: float | None = None
    is_static: bool = False
    values: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit_bytes(self) -> int | None:
        """How many bytes one unit is; None when the parameter is no size."""
        return _UNIT_BYTES.get(self.unit or "")

    def default(self, version: str | None = None) -> str | None:
        """What RDS sets for a version; without one, the newest major's default."""
        fitting = [first for first in self.defaults if version is None or order(first) <= order(version)]
        return self.defaults[max(fitting, key=order)] if fitting else None


def parameter(engine: str, name: str) -> ParameterFact | None:
    """What is known of a parameter; None when the table lacks it, which does not mean that the engine does."""
    row = load(f"parameters_{engine}").data.get(name) if engine in ENGINES else None
    if row is None:
        return None
    default = row.get("default", {})
    return ParameterFact(
        name=name,
        engine=engine,
        kind=row["kind"],
        unit=row.get("unit"),
        least=row.get("least"),
        most=row.get("most"),
        is_static=row["apply"] == "static",
        values=tuple(row.get("values", ())),
        defaults=default if isinstance(default, dict) else {"": default},
    )


def parameter_names(engine: str) -> list[str]:
    """The names that the table knows; complete for PostgreSQL 17 and MariaDB 10.11, a selection for MySQL."""
    return list(load(f"parameters_{engine}").data) if engine in ENGINES else []


def is_of_extension(engine: str, name: str) -> bool:
    """Whether the name is that of an extension's setting, which the engine knows once the extension is loaded."""
    return name.startswith(tuple(load("extension_parameters").data.get(engine, ())))


def default_max_connections(engine: str, memory: Bytes, version: str | None = None) -> int | None:
    """max_connections that RDS derives for a class with so much nominal memory: an upper bound, see `formulas`."""
    fact = parameter(engine, "max_connections")
    formula = fact.default(version) if fact else None
    return evaluate(formula, {"DBInstanceClassMemory": memory}) if formula else None
