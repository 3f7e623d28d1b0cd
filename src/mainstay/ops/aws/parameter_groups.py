"""DB parameter groups: looked at, and those that we make ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from mainstay.ops.aws.door import Door, found
from mainstay.ops.aws.rds_states import tags

MOST_AT_ONCE: Final = 20
"""Parameters that one ModifyDBParameterGroup takes (RDS API Reference, ModifyDBParameterGroup, 2026-11-21)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """A parameter group: `family` as in `postgres17`. `tags` are empty where they were not asked for."""

    name: str
    arn: str
    family: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class ParameterGroupDoor(Door):
    """Questions to RDS about parameter groups; what a group sets is `RdsDoor.parameters`."""

    def group(self, name: str) -> GroupState:
        """A group without its tags; NotFound when there is none of that name."""
        return _state(self._ask("DescribeDBParameterGroups", DBParameterGroupName=name)["DBParameterGroups"][0])

    def find(self, name: str) -> GroupState | None:
        """A group with its tags, or None."""
        return found(lambda: self._with_tags(self.group(name)))

    def described(self, description: str) -> tuple[GroupState, ...]:
        """The groups of the region that are described so, with their tags."""
        known = [_state(raw) for raw in self._pages("DescribeDBParameterGroups", "DBParameterGroups")]
        tagged = [found(partial(self._with_tags, state)) for state in known if state.description == description]
        return tuple(state for state in tagged if state is not None)  # one may have been deleted meanwhile

    def _with_tags(self, state: GroupState) -> GroupState:
        """The same group with its tags, which no description of a group shows."""
        return replace(state, tags=tags(self._ask("ListTagsForResource", ResourceName=state.arn)["TagList"]))

    def create(self, name: str, family: str, description: str, own: Mapping[str, str]) -> GroupState:
        """An empty group, tagged by the same call."""
        answer = self._ask(
            "CreateDBParameterGroup",
            DBParameterGroupName=name,
            DBParameterGroupFamily=family,
            Description=description,
            Tags=[{"Key": key, "Value": value} for key, value in own.items()],
        )
        return _state(answer["DBParameterGroup"])

    def set(self, name: str, values: Mapping[str, str]) -> None:
        """Set at most `MOST_AT_ONCE` parameters, for servers that start later: every parameter takes that method."""
        wanted = [
            {"ParameterName": key, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for key, value in values.items()
        ]
        self._ask("ModifyDBParameterGroup", DBParameterGroupName=name, Parameters=wanted)

    def delete(self, name: str) -> None:
        """Delete a group; Busy while an instance has it, also one that is being deleted."""
        self._ask("DeleteDBParameterGroup", DBParameterGroupName=name)


def _state(raw: Mapping[str, Any]) -> GroupState:  # Any: a raw answer, which ends here
    return GroupState(
        name=raw["DBParameterGroupName"],
        arn=raw.get("DBParameterGroupArn", ""),
        family=raw.get("DBParameterGroupFamily", ""),
        description=raw.get("Description", ""),
    )
