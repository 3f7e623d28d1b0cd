"""What Terraform's provider does not do, and what its states and plans do not show."""

from __future__ import annotations

from typing import Final

from mainstay import facts
from mainstay.diff.situation import Situation
from mainstay.diff.target import TERRAFORM
from mainstay.plan.resources import DbInstance

# What the provider tells of every resource, and nobody writes.
_TOLD: Final = frozenset({"arn", "id", "tags_all"})
# Stands in a shown plan for a value that only applying it tells, or that nobody may see.
_MARKS: Final = ("${unknown}", "${sensitive}")
# Written by ephemeral values and write-only arguments, which no state holds.
_NEVER_KEPT: Final = frozenset({"generate", "password"})


def leaves_alone(situation: Situation, written: tuple[str, str]) -> bool:
    """Whether the provider leaves the thing as it is whatever the plans say: arguments that are left out or that a
    module of ours ignores, storage that autoscaling made larger, and what a shown plan only tells.
    """
    if situation.meeting.target.name != TERRAFORM:
        return False
    if written[1] in _TOLD or _is_only_told(situation, written):
        return True
    if not situation.after.address and situation.meeting.target.ignores(situation.after, written[1]):
        return True
    if situation.new in (None, (), {}):
        return _is_left_out(situation, written)
    return situation.field == "storage" and _has_grown(situation)


def unseen(situation: Situation) -> str:
    """Why nobody can tell what a field is; empty where it can be told."""
    if situation.meeting.target.name != TERRAFORM:
        return ""
    if any(one in _MARKS for one in (situation.old, situation.new)):
        return "only applying it tells, or nobody may see it"
    if not _is_across(situation):
        return ""
    if situation.field in _NEVER_KEPT:
        return "what Terraform shows never holds it"
    is_extra = not hasattr(situation.after, situation.field)
    return "one of the two says it in other words" if is_extra and None in (situation.old, situation.new) else ""


def _is_across(situation: Situation) -> bool:
    """Whether one side is shown by Terraform and the other written: only the first tells every default."""
    return bool(situation.before.address) != bool(situation.after.address)


def _is_only_told(situation: Situation, written: tuple[str, str]) -> bool:
    """An argument that no field of the plan has, shown on one side only, or not yet known."""
    is_extra = not hasattr(situation.after, situation.field)
    return is_extra and not _replaces(written) and (_is_across(situation) or situation.new in _MARKS)


def _is_left_out(situation: Situation, written: tuple[str, str]) -> bool:
    is_computed = written[1] in facts.replacement(written[0]).computed
    return is_computed or (_is_across(situation) and bool(situation.before.address) and not _replaces(written))


def _replaces(written: tuple[str, str]) -> bool:
    return written[1] in facts.replacement(written[0]).replacing


def _has_grown(situation: Situation) -> bool:
    most = situation.after.max_storage if isinstance(situation.after, DbInstance) else None
    old, new = situation.old, situation.new
    if not (isinstance(old, int) and isinstance(new, int) and isinstance(most, int)):
        return False
    return old > new < most
