"""Stacks and change sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mainstay.ops.aws.door import Door, found
from mainstay.ops.aws.stack_states import (
    ChangeSetState,
    Drift,
    StackEvent,
    StackResource,
    StackState,
    change,
    drift,
    stack_event,
    stack_resource,
    stack_state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Something that is there and comes into a stack: its type, the property that identifies it, and its value."""

    logical_id: str
    type: str
    property: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetRequest:
    """What to compare with what is there. Either `body` or `url` holds the template; a parameter that is None keeps
    the value it had before, and no tags at all keep those of the stack. An IMPORT names what comes in by `imports`.
    """

    stack: str
    name: str
    kind: Literal["CREATE", "UPDATE", "IMPORT"]
    body: str | None = None
    url: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    imports: tuple[Imported, ...] = ()


class CloudFormationDoor(Door):
    """Questions to CloudFormation."""

    def stack(self, name: str) -> StackState:
        """A stack by name or id; NotFound when there is none."""
        return stack_state(self._ask("DescribeStacks", StackName=name)["Stacks"][0])

    def find_stack(self, name: str) -> StackState | None:
        """A stack, or None."""
        return found(lambda: self.stack(name))

    def events(self, name: str, after: str | None = None) -> tuple[StackEvent, ...]:
        """What happened to a stack after the event of that id, oldest first; everything without one."""
        fresh: list[StackEvent] = []
        token: str | None = None
        while True:
            # Paged by hand: newest come first, and a long history need not be read to its end at every look.
            page = self._ask("DescribeStackEvents", StackName=name, NextToken=token)
            for raw in page.get("StackEvents", ()):
                if raw["EventId"] == after:
                    return tuple(reversed(fresh))
                fresh.append(stack_event(raw))
            token = page.get("NextToken")
            if not token:
                return tuple(reversed(fresh))

    def resources(self, name: str) -> tuple[StackResource, ...]:
        """Every resource of a stack, with its physical id; those of its nested stacks too, after the stack itself."""
        own = self._own_resources(name)
        inside = (one for child in own if _is_nested(child) for one in self.resources(child.physical_id))
        return (*own, *inside)

    def nested_stacks(self, name: str) -> tuple[StackResource, ...]:
        """The stacks that are resources of a stack; their physical ids are their own ids."""
        return tuple(one for one in self._own_resources(name) if _is_nested(one))

    def _own_resources(self, name: str) -> tuple[StackResource, ...]:
        pages = self._pages("ListStackResources", "StackResourceSummaries", StackName=name)
        return tuple(stack_resource(raw) for raw in pages)

    def exports(self) -> dict[str, str]:
        """What stacks in the region export: name to value."""
        return {raw["Name"]: raw["Value"] for raw in self._pages("ListExports", "Exports")}

    def template(self, name: str) -> str:
        """The template that a stack was made from, as text."""
        body = self._ask("GetTemplate", StackName=name, TemplateStage="Original")["TemplateBody"]
        # botocore parses a JSON template into a mapping.
        return body if isinstance(body, str) else json.dumps(body, indent=2)

    def create_change_set(self, request: ChangeSetRequest) -> None:
        """Begin to work out a change set."""
        self._ask(
            "CreateChangeSet",
            StackName=request.stack,
            ChangeSetName=request.name,
            ChangeSetType=request.kind,
            TemplateBody=request.body,
            TemplateURL=request.url,
            Parameters=[
                {"ParameterKey": name, "UsePreviousValue": True}
                if value is None
                else {"ParameterKey": name, "ParameterValue": value}
                for name, value in request.parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": key, "Value": value} for key, value in request.tags.items()] or None,
            ResourcesToImport=[
                {
                    "ResourceType": one.type,
                    "LogicalResourceId": one.logical_id,
                    "ResourceIdentifier": {one.property: one.identifier},
                }
                for one in request.imports
            ]
            or None,
        )

    def change_set(self, stack: str, name: str) -> ChangeSetState:
        """A change set with all its changes."""
        changes = []
        token: str | None = None
        while True:
            page = self._ask("DescribeChangeSet", StackName=stack, ChangeSetName=name, NextToken=token)
            changes += [change(raw["ResourceChange"]) for raw in page.get("Changes", ()) if "ResourceChange" in raw]
            token = page.get("NextToken")
            if not token:
                break
        return ChangeSetState(
            name=page["ChangeSetName"],
            status=page["Status"],
            execution_status=page.get("ExecutionStatus", ""),
            reason=page.get("StatusReason", ""),
            changes=tuple(changes),
        )

    def find_change_set(self, stack: str, name: str) -> ChangeSetState | None:
        """A change set, or None."""
        return found(lambda: self.change_set(stack, name))

    def execute_change_set(self, stack: str, name: str, token: str) -> None:
        """Begin to carry out a change set; the same token twice is one execution."""
        self._ask("ExecuteChangeSet", StackName=stack, ChangeSetName=name, ClientRequestToken=token)

    def delete_change_set(self, stack: str, name: str) -> None:
        """Forget a change set; nothing happens when there is none."""
        found(lambda: self._ask("DeleteChangeSet", StackName=stack, ChangeSetName=name))

    def set_termination_protection(self, stack: str, *, is_on: bool) -> None:
        """Whether the stack refuses to be deleted."""
        self._ask("UpdateTerminationProtection", StackName=stack, EnableTerminationProtection=is_on)

    def set_policy(self, stack: str, policy: Mapping[str, object]) -> None:
        """What updates may do to which resource."""
        self._ask("SetStackPolicy", StackName=stack, StackPolicyBody=json.dumps(policy))

    def policy(self, stack: str) -> str | None:
        """The text of the stack's policy; None when it has none."""
        text: str | None = self._ask("GetStackPolicy", StackName=stack).get("StackPolicyBody")
        return text

    def put_policy(self, stack: str, text: str) -> None:
        """Put a policy back as it was read."""
        self._ask("SetStackPolicy", StackName=stack, StackPolicyBody=text)

    def drift(self, stack: str, key: str) -> Drift:
        """A resource beside what the stack's template says of it, looked at now."""
        seen = self._ask("DetectStackResourceDrift", StackName=stack, LogicalResourceId=key)["StackResourceDrift"]
        return drift(seen)

    def delete_stack(self, stack: str, token: str | None = None) -> None:
        """Begin to delete a stack, by name or id."""
        self._ask("DeleteStack", StackName=stack, ClientRequestToken=token)


def _is_nested(resource: StackResource) -> bool:
    return resource.type == "AWS::CloudFormation::Stack" and bool(resource.physical_id)
