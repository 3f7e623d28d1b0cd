"""What a database is expected to be, and when a function inside its network looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema, model_validator

from mainstay.core.units import Bytes, Duration
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Minutes, Period, Size, Version, between
from mainstay.spec.section import Section, distinct, one_of

# RDS User Guide, USER_Events.Messages, 2026-11-20.
CATEGORIES: Final = (
    "availability",
    "backup",
    "configuration change",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
    "restoration",
)
_ROLES: Final = ("source", "none")
_MOST_ROWS: Final = 10**12
_MIB: Final = 2**20

Count = Annotated[StrictInt, AfterValidator(between(0, _MOST_ROWS))]
Category = Annotated[str, AfterValidator(one_of(CATEGORIES))]


class Rows(Section):
    """How many rows a table may have; both ends included."""

    min: Count | None = None
    """At least so many."""
    max: Count | None = None
    """At most so many."""

    @model_validator(mode="after")
    def _in_order(self) -> Rows:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise fault("SP012", f"min {self.min} is above max {self.max}.", "swap them", at="max")
        return self


def _rows(value: Any) -> Any:  # Any: a validator's door
    """A number is exactly so many, nothing is any number."""
    if value is None:
        return {}
    unknown = [key for key in value if key not in ("min", "max")] if isinstance(value, dict) else []
    if unknown:
        raise fault("SP005", f"there is no {unknown[0]} here.", "use min and max", at=str(unknown[0]))
    if isinstance(value, int) and not isinstance(value, bool):
        count = between(0, _MOST_ROWS)(value)
        return {"min": count, "max": count}
    return value


_ROWS_SCHEMA: Final = {
    "anyOf": [
        {"type": "null"},
        {"type": "integer", "minimum": 0},
        {"type": "object", "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}}},
    ]
}


class Expectations(Section):
    """What a validation compares the database with; what is left out is not compared."""

    version: Version | None = None
    """How the version begins: "8.4" admits 8.4.7, and not 8.40."""
    character_set: str | None = Field(default=None, examples=["utf8mb4"])
    """The database's character set, as the engine calls it."""
    collation: str | None = Field(default=None, examples=["utf8mb4_0900_ai_ci"])
    """The database's collation, as the engine calls it."""
    replication: Annotated[str, AfterValidator(one_of(_ROLES))] | None = Field(
        default=None, json_schema_extra={"enum": [*_ROLES, None]}
    )
    """`source` expects replicas that follow, `none` expects that there are none."""
    tables: Mapping[str, Annotated[Rows, BeforeValidator(_rows), WithJsonSchema(_ROWS_SCHEMA)]] = Field(
        default_factory=dict, examples=[{"orders": {"min": 1}, "countries": 249, "events": None}]
    )
    """Tables by name, or schema.name: with how many rows exactly, with `min` and `max`, or with nothing."""
    is_complete: StrictBool = False
    """Whether a table that is not named is an error."""

    @property
    def is_empty(self) -> bool:
        """Whether anything at all is expected beyond an answer."""
        return not self.model_fields_set

    @model_validator(mode="after")
    def _names_tables(self) -> Expectations:
        if self.is_complete and not self.tables:
            raise fault(
                "SP012",
                "is_complete without tables expects a database without tables.",
                "name the tables, or leave it out",
                at="is_complete",
            )
        return self


class Validation(Section):
    """A function that logs in, reads the database, compares it, and fails when it is not as expected."""

    events: Annotated[tuple[Category, ...], AfterValidator(distinct)] = Field(
        default=("availability", "backup", "configuration change", "failure"),
        json_schema_extra={"items": {"enum": list(CATEGORIES)}},
    )
    """After which events of the primary it looks, by RDS's categories."""
    every: Annotated[Minutes, AfterValidator(between(Duration.minutes(5), Duration.days(31)))] | None = Field(
        default=None, examples=["1d"]
    )
    """How often it looks besides; left out, after events only."""
    expect: Expectations = Expectations()
    """What the database is expected to be."""
    manifest: str | None = Field(default=None, examples=["expectations.yaml"])
    """A file beside this one, in YAML or JSON, that holds what could stand under `expect`."""
    # Bounds of Lambda, facts F.5; below 256 MiB the drivers leave little for rows.
    memory: Annotated[Size, AfterValidator(between(Bytes(128 * _MIB), Bytes.gib(10)))] = Bytes(256 * _MIB)
    """The function's memory, in whole MiB; its processor's share grows with it."""
    timeout: Annotated[Period, AfterValidator(between(Duration(30), Duration(900)))] = Duration(300)
    """How long it may take; counting rows reads whole tables."""

    @model_validator(mode="after")
    def _is_called(self) -> Validation:
        if not self.events and self.every is None:
            raise fault("SP012", "Nothing ever calls it.", "name events, or write every: 1d")
        if self.memory % _MIB:
            raise fault("SP008", f"{self.memory} is not whole MiB.", "write a size such as 256 MiB", at="memory")
        return self
