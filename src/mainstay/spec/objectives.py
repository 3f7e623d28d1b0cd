"""What is promised, how it is proven, and which findings somebody lives with."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, model_validator

from mainstay.core.units import Duration
from mainstay.spec.database import DatabaseName
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Day, Days, Minutes, Period, between
from mainstay.spec.section import Section, matching

_Promise = Annotated[Period, AfterValidator(between(Duration(1), Duration.days(365)))]


def _sentence(value: str) -> str:
    if not value.strip():
        raise fault("SP006", "It is empty.", "write it out")
    return value


class Objectives(Section):
    """The promises that `mainstay check` compares with the forecast, and a drill with what it measured."""

    rpo: _Promise | None = Field(default=None, examples=["5m"])
    """How much data, in time, may be lost."""
    rto: _Promise | None = Field(default=None, examples=["30m"])
    """How long until the data can be used again."""


_FROM_A_DRILL = "take it from the evidence of a drill that you trust"


class SqlCheck(Section):
    """A question that a restored database has to answer."""

    name: Annotated[
        str, AfterValidator(matching(r"[A-Za-z0-9][A-Za-z0-9 _-]*", 60, "use letters, digits, space, - and _"))
    ]
    """What it asks, for the report."""
    sql: Annotated[str, AfterValidator(_sentence)] = Field(examples=["SELECT 1 FROM orders LIMIT 1"])
    """One statement that only reads."""
    rows: Annotated[StrictInt, AfterValidator(between(0, 1_000_000))] | None = None
    """How many rows it has to give; left out, it has to run without an error."""
    hash: Annotated[str, AfterValidator(matching(r"sha256:[0-9a-f]{64}", 71, _FROM_A_DRILL))] | None = None
    """What the rows have to be, in their order: SHA-256 as a drill's evidence tells it for the same question."""
    database: DatabaseName | None = None
    """Where it is asked; the spec's own database when left out."""
    timeout: Annotated[Period, AfterValidator(between(Duration(1), Duration(3600)))] = Duration(60)
    """How long it may take."""

    @model_validator(mode="after")
    def _has_an_order(self) -> SqlCheck:
        if self.hash is not None and self.rows != 1 and not re.search(r"\border\s+by\b", self.sql, re.IGNORECASE):
            raise fault(
                "SP012",
                "The hash is that of rows in their order, and the statement names none.",
                "end it with ORDER BY, or say rows: 1",
                at="hash",
            )
        return self


class EvidenceBucket(Section):
    """A bucket in which nobody can delete or overwrite evidence before its time."""

    lock: Literal["governance", "compliance"] = "governance"
    """Governance lets those with a permission of their own delete earlier; compliance lets nobody, AWS included."""
    keep: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(36_500)))] = Duration.days(365)
    """For how long each document is locked."""


class Evidence(Section):
    """What makes the evidence of drills hard to forge, beside the chain that it always is."""

    signed_by: Literal["operator", "kms"] = "operator"
    """A key of the operator's own, or one in KMS that nobody can take away."""
    bucket: EvidenceBucket | None = None
    """Where each document goes once a drill has ended; left out, it stays where it was made."""


class Drill(Section):
    """How often a restore is tried, and what is asked of it."""

    every: Annotated[Period, AfterValidator(between(Duration(3600), Duration.days(365)))] | None = Field(
        default=None, examples=["7d"]
    )
    """How often it should be; nothing runs by itself yet, `status` says when a proof has become too old."""
    proof_lasts: Annotated[Period, AfterValidator(between(Duration(3600), Duration.days(730)))] | None = Field(
        default=None, examples=["30d"]
    )
    """How old a proof may become before `status` calls the database not proven; twice `every` when left out."""
    heartbeat: Annotated[Minutes, AfterValidator(between(Duration.minutes(1), Duration(3600)))] | None = Field(
        default=None, examples=["1m"]
    )
    """How often a function inside the network writes a marker; left out, only drills write some, and a restore to any
    other time cannot be proven."""
    parallel: Annotated[StrictInt, AfterValidator(between(1, 32))] | None = Field(default=None, examples=[4])
    """How many of the source's processes read it at once, at most; two when left out. A copy, which serves nobody, is
    read by eight. A source of MySQL or MariaDB is read by one, which nothing changes."""
    checks: tuple[SqlCheck, ...] = ()
    """Questions of your own, besides the fingerprints that every drill compares."""
    evidence: Evidence = Evidence()
    """What becomes of a drill's evidence."""

    @model_validator(mode="after")
    def _lasts_to_the_next(self) -> Drill:
        if self.every is not None and self.proof_lasts is not None and self.proof_lasts < self.every:
            detail = f"A proof that lasts {self.proof_lasts} runs out before the next drill, {self.every} later."
            raise fault("SP012", detail, "let it last at least as long as every", at="proof_lasts")
        return self


class Suppression(Section):
    """A finding that somebody lives with."""

    rule: Annotated[str, AfterValidator(matching(r"[A-Z]{2}\d{3}", 5, "write a rule's id, such as DB004"))]
    """The rule's id."""
    reason: Annotated[str, AfterValidator(_sentence)]
    """Why it is accepted; shown with the finding."""
    resource: str = "*"
    """The resource's key in the plan; every one when left out."""
    until: Day | None = None
    """The day after which it counts again."""
