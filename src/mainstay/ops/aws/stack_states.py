"""What CloudFormation answers, in the plan's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

# Settled states of a stack that is there and whole (CloudFormation User Guide, view-stack-events, not re-read).
_WHOLE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
# Settled and usable, but the last change was taken back.
_TAKEN_BACK: Final = frozenset({"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """A stack as it is now; `status` is CloudFormation's own word."""

    name: str
    stack_id: str
    status: str
    reason: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    has_termination_protection: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the last change arrived."""
        return self.status in _WHOLE

    @property
    def is_moving(self) -> bool:
        """Whether CloudFormation is at work on it (a change set that waits for a review is not work)."""
        return self.status.endswith("_IN_PROGRESS") and not self.is_reviewed

    @property
    def is_reviewed(self) -> bool:
        """Whether it is only a name with a change set: nothing was created yet."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def is_empty_failure(self) -> bool:
        """Whether its creation failed and was taken back: it holds nothing and can only be deleted."""
        return self.status == "ROLLBACK_COMPLETE"

    @property
    def takes_updates(self) -> bool:
        """Whether a change set of type UPDATE can be made for it."""
        return self.status in _WHOLE | _TAKEN_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """Something that happened to one resource of a stack, or to the stack itself."""

    event_id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether this resource failed by itself, rather than being stopped because another one failed."""
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """A resource of a stack: its key in the plan, and the id it really has."""

    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change set does to one resource.

    `action` is `Add`, `Modify`, `Remove`, `Import` or `Dynamic`; `replacement` is `True`, `Conditional`, `False` or
    empty; `kept` says what becomes of what is removed: `Delete`, `Retain`, `Snapshot` or empty.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    properties: tuple[str, ...] = ()
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetState:
    """A change set; it can be executed when `is_ready`."""

    name: str
    status: str
    execution_status: str
    reason: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it may be executed."""
        return self.status == "CREATE_COMPLETE" and self.execution_status == "AVAILABLE"

    @property
    def is_carried_out(self) -> bool:
        """Whether somebody executed it, with whatever outcome."""
        return self.execution_status.startswith("EXECUTE_")

    @property
    def is_settled(self) -> bool:
        """Whether CloudFormation has finished working it out."""
        return self.status in ("CREATE_COMPLETE", "FAILED")

    @property
    def is_without_changes(self) -> bool:
        """Whether it failed only because nothing differs. The two texts are CloudFormation's own."""
        said = self.reason.lower()
        return self.status == "FAILED" and (
            "didn't contain changes" in said or "no updates are to be performed" in said
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A resource beside its template: `IN_SYNC`, `MODIFIED`, `DELETED` or `NOT_CHECKED`.

    Each difference is a property's path, what the template says, and what there is.
    """

    status: str
    physical_id: str
    differences: tuple[tuple[str, str, str], ...] = ()


# Any in this file: raw answers, which end here.
def stack_state(raw: Mapping[str, Any]) -> StackState:
    """A Stack of the API as ours."""
    return StackState(
        name=raw["StackName"],
        stack_id=raw.get("StackId", ""),
        status=raw["StackStatus"],
        reason=raw.get("StackStatusReason", ""),
        outputs={out["OutputKey"]: out.get("OutputValue", "") for out in raw.get("Outputs", ())},
        parameters={given["ParameterKey"]: given.get("ParameterValue", "") for given in raw.get("Parameters", ())},
        tags={tag["Key"]: tag["Value"] for tag in raw.get("Tags", ())},
        has_termination_protection=bool(raw.get("EnableTerminationProtection")),
        created_at=raw.get("CreationTime"),
        updated_at=raw.get("LastUpdatedTime"),
    )


def stack_event(raw: Mapping[str, Any]) -> StackEvent:
    """A StackEvent of the API as ours."""
    return StackEvent(
        event_id=raw["EventId"],
        at=raw["Timestamp"],
        logical_id=raw.get("LogicalResourceId", ""),
        physical_id=raw.get("PhysicalResourceId", ""),
        type=raw.get("ResourceType", ""),
        status=raw.get("ResourceStatus", ""),
        reason=raw.get("ResourceStatusReason", ""),
    )


def stack_resource(raw: Mapping[str, Any]) -> StackResource:
    """A StackResourceSummary of the API as ours."""
    return StackResource(
        logical_id=raw["LogicalResourceId"],
        physical_id=raw.get("PhysicalResourceId", ""),
        type=raw["ResourceType"],
        status=raw["ResourceStatus"],
        reason=raw.get("ResourceStatusReason", ""),
    )


def change(raw: Mapping[str, Any]) -> Change:
    """A ResourceChange of the API as ours."""
    targets = (detail.get("Target", {}) for detail in raw.get("Details", ()))
    names = [target.get("Name") or target.get("Attribute", "") for target in targets]
    return Change(
        action=raw.get("Action", ""),
        logical_id=raw.get("LogicalResourceId", ""),
        type=raw.get("ResourceType", ""),
        physical_id=raw.get("PhysicalResourceId", ""),
        replacement=raw.get("Replacement", ""),
        properties=tuple(dict.fromkeys(name for name in names if name)),
        kept=raw.get("PolicyAction", ""),
    )


def drift(raw: Mapping[str, Any]) -> Drift:
    """A StackResourceDrift of the API as ours."""
    return Drift(
        status=raw["StackResourceDriftStatus"],
        physical_id=raw.get("PhysicalResourceId", ""),
        differences=tuple(
            (each["PropertyPath"].lstrip("/"), each["ExpectedValue"].strip('"'), each["ActualValue"].strip('"'))
            for each in raw.get("PropertyDifferences", ())
        ),
    )
