"""Stacks within a stack: the nested form of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.messaging import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedStack(Resource):
    """A stack made from the template at an address in S3; timeout in whole minutes.

    An output of it is `Attr(key, "Outputs.<name>")`. A list is given to a parameter as text with commas.
    """

    template_url: Value[str]
    parameters: Mapping[str, Value[str]] = field(default_factory=dict)
    timeout: Value[Duration] | None = None
    topics: tuple[Link[Topic], ...] = ()
    tags: Tags = field(default_factory=dict)
