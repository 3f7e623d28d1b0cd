"""Names: zones of Route 53, and the records in them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.network import Vpc


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNetwork:
    """A network whose resolver answers from a private zone, and the region that it stands in."""

    vpc: Link[Vpc]
    region: Value[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedZone(Resource):
    """A zone of names. With networks it is private, and answers there only; without it is public."""

    name: Value[str]
    networks: tuple[ZoneNetwork, ...] = ()
    comment: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet(Resource):
    """What a name leads to: `type` such as `CNAME`, `A`; `ttl` is for how long a resolver may keep the answer."""

    zone: Link[HostedZone] | None = None
    name: Value[str]
    type: Value[str]
    ttl: Value[Duration] | None = None
    values: tuple[Value[str], ...] = ()
