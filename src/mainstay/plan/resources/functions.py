"""Functions, who may call them, and the events that do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.schedules import Schedule
from mainstay.core.units import Bytes, Duration
from mainstay.plan.patterns import EventPattern
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Key, Role
    from mainstay.plan.resources.network import SecurityGroup, Subnet
    from mainstay.plan.resources.observability import LogGroup
    from mainstay.plan.resources.storage import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Resource):
    """A Lambda function: its zip file in a bucket (`code_key` is the object's key), or the text of a few lines.

    Memory and disk in whole MiB, timeout in seconds; `architectures` `arm64` or `x86_64`. `dead_letter_arn` is a topic
    or queue that is told of events whose handling failed.
    """

    role: Link[Role]
    name: Value[str] | None = None
    description: Value[str] | None = None
    runtime: Value[str] | None = None
    handler: Value[str] | None = None
    code_bucket: Link[Bucket] | None = None
    code_key: Value[str] | None = None
    code_version: Value[str] | None = None
    code_text: Value[str] | None = None
    architectures: tuple[Value[str], ...] = ()
    memory: Value[Bytes] | None = None
    disk: Value[Bytes] | None = None
    timeout: Value[Duration] | None = None
    environment: Mapping[str, Value[str]] = field(default_factory=dict)
    key_id: Link[Key] | None = None
    subnets: tuple[Link[Subnet], ...] = ()
    security_groups: tuple[Link[SecurityGroup], ...] = ()
    layers: tuple[Value[str], ...] = ()
    reserved_concurrency: Value[int] | None = None
    dead_letter_arn: Value[str] | None = None
    log_group: Link[LogGroup] | None = None
    log_format: Value[str] | None = None
    tracing: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPermission(Resource):
    """Who may call a function: a service (`events.amazonaws.com`), narrowed to the ARN and account it acts for."""

    function: Link[Function]
    principal: Value[str]
    action: Value[str]
    source_arn: Value[str] | None = None
    source_account: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTarget:
    """What a rule calls (function, topic) and with what: the event, a constant `input`, a part of the event by
    `input_path`, or `input_template` filled from `input_paths`.
    """

    name: Value[str]
    arn: Value[str]
    role: Link[Role] | None = None
    input: Value[str] | None = None
    input_path: Value[str] | None = None
    input_paths: Mapping[str, Value[str]] = field(default_factory=dict)
    input_template: Value[str] | None = None
    dead_letter_arn: Value[str] | None = None
    max_age: Value[Duration] | None = None
    max_retries: Value[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule(Resource):
    """An EventBridge rule: a pattern of events or a schedule, and up to five targets. `state` such as `ENABLED`."""

    name: Value[str] | None = None
    description: Value[str] | None = None
    pattern: EventPattern | None = None
    schedule: Value[Schedule] | None = None
    state: Value[str] | None = None
    bus: Value[str] | None = None
    targets: tuple[EventTarget, ...] = ()
    tags: Tags = field(default_factory=dict)
