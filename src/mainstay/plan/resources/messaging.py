"""Who is told: topics, their policies and subscribers."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.plan.policies import Policy
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Resource):
    """An SNS topic. `key_id` is a key of the plan, or a literal such as `alias/aws/sns`."""

    name: Value[str] | None = None
    display_name: Value[str] | None = None
    key_id: Link[Key] | None = None
    is_fifo: Value[bool] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPolicy(Resource):
    """The policy of one or more topics; it replaces their default policy entirely."""

    topics: tuple[Link[Topic], ...]
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Resource):
    """One subscriber of a topic; an e-mail address has to confirm before it is told anything."""

    topic: Link[Topic]
    protocol: Value[str]
    endpoint: Value[str] | None = None
