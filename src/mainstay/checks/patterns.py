"""What an event pattern looks at, also where it compares in a way that a plan has no form for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from mainstay.checks.scene import literal
from mainstay.plan.patterns import EventPattern
from mainstay.plan.resources import EventRule

_SUFFIX = " State Change"


def jobs_of(rule: EventRule) -> list[str]:
    """The jobs of AWS Backup whose events it waits for: `Backup Job`, `Copy Job`, `Restore Job`."""
    sources, kinds = values_at(rule, "source"), values_at(rule, "detail-type")
    return [one.removesuffix(_SUFFIX) for one in kinds if one.endswith(_SUFFIX)] if "aws.backup" in sources else []


def hears_of_backups(rule: EventRule) -> bool:
    """Whether events of backup jobs may come through: of the source, and of that type or of any."""
    kinds = values_at(rule, "detail-type")
    return "aws.backup" in values_at(rule, "source") and (not kinds or f"Backup Job{_SUFFIX}" in kinds)


def is_unseen(rule: EventRule) -> bool:
    """Whether it waits for events, and for which ones cannot be read."""
    return rule.pattern is None and rule.schedule is None and not _raw(rule)


def members_of(rule: EventRule) -> frozenset[str]:
    """The members of an event's `detail` that it looks at."""
    pattern = literal(rule.pattern, EventPattern)
    if pattern is not None:
        return frozenset(one.path[1] for one in pattern.matches if one.path[0] == "detail" and len(one.path) > 1)
    detail = _raw(rule).get("detail")
    return frozenset(detail) if isinstance(detail, Mapping) else frozenset()


def looking_at(rule: EventRule, right: str, *, instead_of: str) -> tuple[EventRule, ...]:
    """The rule that looks at another member of `detail`; nothing where the pattern is none that a plan can hold."""
    pattern = literal(rule.pattern, EventPattern)
    if pattern is None:
        return ()
    wrong = ("detail", instead_of)
    matches = (
        replace(one, path=("detail", right, *one.path[2:])) if one.path[:2] == wrong else one for one in pattern.matches
    )
    return (replace(rule, pattern=replace(pattern, matches=tuple(matches))),)


def values_at(rule: EventRule, name: str) -> list[str]:
    """The plain texts that a member of the event itself (`source`) is compared with."""
    pattern = literal(rule.pattern, EventPattern)
    found = pattern.values_at(name) if pattern is not None else _raw(rule).get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list | tuple) else []


def _raw(rule: EventRule) -> Mapping[str, object]:
    """The pattern as it was written, where no field could hold it: a mapping, or JSON in a text."""
    written = next((value for path, value in rule.extras.items() if "pattern" in path.lower()), None)
    if isinstance(written, str):
        try:
            written = json.loads(written.removeprefix("${jsonencode(").removesuffix(")}"))
        except ValueError:
            return {}
    return written if isinstance(written, Mapping) else {}
