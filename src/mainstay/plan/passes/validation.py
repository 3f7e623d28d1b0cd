"""Validation: a function beside the database that looks, and what makes it look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from mainstay.core.schedules import Rate
from mainstay.core.units import Bytes, Duration
from mainstay.plan.copies import secret_of_copy
from mainstay.plan.passes.credentials import logging_in, master_secret
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.functions import Work, calling, function_name, target, with_function
from mainstay.plan.passes.logical import (
    ALERTS_TOPIC,
    ALERTS_TOPIC_POLICY,
    DATABASE,
    VALIDATION_FUNCTION,
    instances,
)
from mainstay.plan.passes.roles import reading_secret
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.policies import Statement
from mainstay.plan.resources import EventRule, EventTarget, Resource
from mainstay.plan.values import Attr, Ref, arn
from mainstay.spec import Spec
from mainstay.spec.validation import Rows, Validation

_PATH: Final = "validation"
# What the subscription to RDS's events leaves out, and people want to be told once somebody looks.
_UNTOLD: Final = "availability"


def build_validation(spec: Spec, draft: Draft) -> Draft:
    """The draft with the validation function and the rules that call it, where the spec asks for them."""
    validation = spec.validation
    if validation is None:
        return draft
    work = Work(
        key=VALIDATION_FUNCTION,
        name="validation",
        module="validation",
        purpose="Looks whether the database is as expected",
        path=_PATH,
        timeout=Duration(validation.timeout),
        memory=Bytes(validation.memory),
        statements=(*reading_secret(master_secret(spec)), _reading_copies(spec)),
        environment=logging_in(spec),
    )
    return with_function(spec, draft, work).adding(*_rules(spec, validation))


def _reading_copies(spec: Spec) -> Statement:
    """The logins of copies that drills have it look at. Their secrets are encrypted with Secrets Manager's own key, for
    which a role of the account needs nothing (Secrets Manager User Guide, security-encryption, not re-read).
    """
    name = secret_of_copy(function_name(spec, "validation"), "*")
    return Statement(
        sid="Copies", actions=("secretsmanager:GetSecretValue",), resources=(arn("secretsmanager", f"secret:{name}"),)
    )


def manifest_of(spec: Spec) -> str | None:
    """What is expected, as the JSON text that is packed with the functions; None when nothing is."""
    expect = spec.validation.expect if spec.validation else None
    if expect is None or expect.is_empty:
        return None
    written = expect.model_dump(include=expect.model_fields_set - {"tables"}, exclude_none=True)
    if expect.tables:
        written["tables"] = {name: _bounds(rows) for name, rows in expect.tables.items()}
    return json.dumps(written, sort_keys=True)


def _bounds(rows: Rows) -> dict[str, Any] | None:  # Any: JSON
    return rows.model_dump(exclude_none=True) or None


def _rules(spec: Spec, validation: Validation) -> Iterator[Resource]:
    if validation.events:
        rule = _after_events(spec, "ValidationEvents", validation.events, target(VALIDATION_FUNCTION))
        yield from calling(spec, rule, VALIDATION_FUNCTION, _PATH)
    if _UNTOLD in validation.events:
        topic = EventTarget(name="topic", arn=Attr(ALERTS_TOPIC, "arn"))
        yield _after_events(spec, "AvailabilityEvents", (_UNTOLD,), topic)
    if validation.every:
        rule = EventRule(
            key="ValidationSchedule",
            description=f"Validates {spec.identifier} regularly",
            schedule=Rate.each(validation.every),
            state="ENABLED",
            targets=(target(VALIDATION_FUNCTION),),
            tags=tags(spec),
            origin=spec.origin_of(f"{_PATH}.every"),
        )
        yield from calling(spec, rule, VALIDATION_FUNCTION, _PATH)


def _after_events(spec: Spec, key: str, categories: tuple[str, ...], what: EventTarget) -> EventRule:
    """A rule on events of the primary (RDS User Guide, rds-cloud-watch-events, 2026-11-21)."""
    pattern = EventPattern(
        (
            Match(("source",), ("aws.rds",)),
            Match(("detail-type",), ("RDS DB Instance Event",)),
            Match(("detail", "EventCategories"), categories),
            Match(("detail", "SourceIdentifier"), (instances(spec)[DATABASE],)),
        )
    )
    is_told = what.arn == Attr(ALERTS_TOPIC, "arn")
    return EventRule(
        key=key,
        description=f"Events of {spec.identifier}: {', '.join(categories)}",
        pattern=pattern,
        state="ENABLED",
        targets=(what,),
        tags=tags(spec),
        # Without its policy the topic would refuse the first events.
        depends_on=(Ref(ALERTS_TOPIC_POLICY),) if is_told else (),
        origin=spec.origin_of(f"{_PATH}.events"),
    )
