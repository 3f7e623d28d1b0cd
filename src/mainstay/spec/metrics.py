"""Further alarms: on what runs out slowly, and on what is slow. Each is set by its threshold, and off with `null`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, PlainValidator, StrictInt, WithJsonSchema

from mainstay.core.units import Bytes, Share
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Percentage, ShareOrSize, between
from mainstay.spec.section import Section

_NOTHING: Final = Share(0)


def _milliseconds(value: Any) -> int:  # Any: a validator's door
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # a default; written without a unit, the bounds below refuse what was meant as seconds
    found = re.fullmatch(r"(\d{1,6})\s*(ms|s)", value) if isinstance(value, str) else None
    if found is None:
        raise fault("SP007", f"{str(value)[:40]!r} is not a latency.", "write it as text with its unit, such as 20ms")
    return int(found[1]) * (1000 if found[2] == "s" else 1)


def _part(value: Share) -> Share:
    if not _NOTHING < value < 1:
        raise fault("SP009", f"{value} is never or always so.", "choose a share above 0% and below 100%")
    return value


def _some(value: Share) -> Share:
    if value == _NOTHING:
        raise fault("SP009", f"{value} is always exceeded.", "choose a share above 0%")
    return value


def _amount(value: Share | Bytes) -> Share | Bytes:
    return _part(value) if isinstance(value, Share) else between(Bytes(2**20), Bytes.gib(65_536))(value)


Latency = Annotated[
    int,
    PlainValidator(_milliseconds),
    AfterValidator(between(1, 60_000)),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}\s*(ms|s)$", "examples": ["20ms"]}),
]
"""Milliseconds."""
Amount = Annotated[ShareOrSize, AfterValidator(_amount)]


class Metrics(Section):
    """Further alarms, on the instances that have the metric. AWS's recommendations, and judgement where it has none."""

    load: Annotated[Percentage, AfterValidator(_some)] | None = Share.parse("100%")
    """Active sessions above this share of the class's vCPUs; known where Performance Insights is on."""
    read_latency: Latency | None = 20
    """Nine reads of ten take longer than this."""
    write_latency: Latency | None = 20
    """Nine writes of ten take longer than this."""
    disk_queue: Annotated[StrictInt, AfterValidator(between(1, 10_000))] | None = 64
    """More operations than this wait for the volume."""
    ebs_balance: Annotated[Percentage, AfterValidator(_part)] | None = Share.parse("10%")
    """Less than this is left of the volume's bursts, in bytes or operations; for classes that burst."""
    cpu_credits: Annotated[StrictInt, AfterValidator(between(1, 10_000))] | None = 30
    """Fewer CPU credits than this are left; for t classes."""
    swap: Amount | None = Bytes(256 * 2**20)
    """More than this is swapped: a share of the class's memory, or a size."""
    transaction_ids: Annotated[StrictInt, AfterValidator(between(1_000_000, 2_000_000_000))] | None = 1_000_000_000
    """Transaction ids used since the oldest that is not frozen; at 2.1 billion PostgreSQL stops writing."""
    slot_lag: Amount | None = Share.parse("10%")
    """What the slowest replication slot of PostgreSQL keeps: a share of the storage, or a size."""
    transaction_logs: Amount | None = Share.parse("20%")
    """What PostgreSQL's transaction logs take: a share of the storage, or a size."""
    binlogs: Amount | None = Share.parse("20%")
    """What the binary logs of MySQL and MariaDB take: a share of the storage, or a size."""
    proxy_borrow_latency: Latency | None = 100
    """One client of a hundred waits longer than this for a connection of the proxy's."""
    proxy_latency: Latency | None = Field(default=None, examples=["50ms"])
    """One answer of ten that the proxy gets takes longer than this; left out, nobody is told."""
    proxy_clients: Annotated[StrictInt, AfterValidator(between(1, 1000))] | None = 5
    """More clients than this for each connection that the proxy may open."""
    proxy_refused: Annotated[StrictInt, AfterValidator(between(0, 100_000))] | None = 10
    """More logins than this that the proxy refused, five minutes in a row."""
