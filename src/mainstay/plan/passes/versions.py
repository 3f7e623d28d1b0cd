"""A spec's version as a full minor that RDS creates today."""

from __future__ import annotations

from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest


def full_version(engine: str, written: str) -> str:
    """`17` → the newest minor that can be created; a full minor is taken as it is; ValueError says what is wrong."""
    if "." not in written:
        try:
            return facts.newest_minor(engine, written)
        except InputRefused as refusal:
            raise ValueError(f"{refusal.detail.rstrip('.')}; {refusal.hint}") from refusal
    creatable = facts.versions(engine)
    if written in creatable:
        return written
    major = facts.major_of(engine, written)
    others = [name for name in creatable if facts.major_of(engine, name) == major]
    near = nearest(written, others)
    fix = f"write {max(others, key=facts.order)}, or {major} for the newest" if near else f"use one of {creatable[-1]}"
    raise ValueError(f"RDS creates no {engine} {written}; {fix}")
