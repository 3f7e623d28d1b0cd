"""A spec's version as a full minor that RDS creates today."""

from __future__ import annotations

from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest


def full_version(engine: str, written: str, *, is_paid_support_accepted: bool = False) -> str:
    """`17` → the newest minor that can be created; a full minor is taken as it is; ValueError says what is wrong.

    A major out of standard support can only be created with Extended Support, which has to be accepted.
    """
    version = _creatable(engine, written)
    if not is_paid_support_accepted:
        _refuse_paid_support(engine, version)
    return version


def _refuse_paid_support(engine: str, version: str) -> None:
    dates = facts.lifecycle(engine, version)
    # Measured by the day of the table, so that the same spec gives the same plan tomorrow.
    if dates and dates.standard_ends < facts.load("versions").date:
        major = facts.major_of(engine, version)
        raise ValueError(
            f"{engine} {major} left standard support on {dates.standard_ends}, and RDS creates it only with "
            f"Extended Support, billed by the vCPU; write {facts.majors(engine)[-1]}, or extended_support: true"
        )


def _creatable(engine: str, written: str) -> str:
    if written == facts.major_of(engine, written) and (engine == "postgres") == ("." not in written):
        try:
            return facts.newest_minor(engine, written)
        except InputRefused as refusal:
            raise ValueError(f"{refusal.detail.rstrip('.')}; {refusal.hint}") from refusal
    return _exact(engine, written)


def _exact(engine: str, written: str) -> str:
    creatable = facts.versions(engine)
    if written in creatable:
        return written
    major = facts.major_of(engine, written)
    others = [name for name in creatable if facts.major_of(engine, name) == major]
    near = nearest(written, others)
    fix = (
        f"write {max(others, key=facts.order)}, or {major} for the newest"
        if near
        else f"use one of {', '.join(facts.majors(engine))}"
    )
    raise ValueError(f"RDS creates no {engine} {written}; {fix}")
