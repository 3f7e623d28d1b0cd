"""The nested form of a template: a parent, and a stack for each room of a database's design.

A resource stands in the room of its kind, or in a later one where something that it needs stands: so rooms need each
other in one direction only, and no circle can come about. What a room needs of an earlier one it takes as a parameter;
the earlier one tells it as an output, and the parent hands it on. Exports and parameters stay with the parent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation.renaming import Node, renamed
from mainstay.formats.cloudformation.sections import TEMPLATE_VERSION
from mainstay.formats.cloudformation.writer import write
from mainstay.formats.layout import laid_out
from mainstay.plan import resources as kinds
from mainstay.plan.graph import in_dependency_order, needs
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource

BASE: Final = "TemplateBase"
"""The parent's parameter: where the children lie, as an https address without a slash at its end."""
_NETWORK: Final = (
    kinds.Vpc, kinds.InternetGateway, kinds.GatewayAttachment, kinds.Subnet, kinds.RouteTable, kinds.Route,
    kinds.RouteTableAssociation, kinds.ElasticIp, kinds.NatGateway, kinds.SecurityGroup, kinds.IngressRule,
    kinds.EgressRule, kinds.VpcEndpoint, kinds.FlowLog,
)  # fmt: skip
_SECURITY: Final = (
    kinds.Key, kinds.KeyAlias, kinds.Role, kinds.InstanceProfile, kinds.LogGroup, kinds.Topic,
    kinds.TopicPolicy, kinds.Subscription, kinds.Bucket, kinds.BucketPolicy,
)  # fmt: skip
_BACKUP: Final = (
    kinds.BackupVault, kinds.BackupPlan, kinds.BackupSelection, kinds.RestoreTestingPlan,
    kinds.RestoreTestingSelection,
)  # fmt: skip
_OBSERVABILITY: Final = (
    kinds.Alarm, kinds.CompositeAlarm, kinds.Dashboard, kinds.EventSubscription, kinds.EventRule, kinds.MetricFilter,
)  # fmt: skip
# In this order: what stands later may need what stands earlier. Everything else is the database's; its secret too, for
# a dynamic reference names a resource of the same template.
ROOMS: Final[tuple[str, ...]] = (
    "NetworkStack",
    "SecurityStack",
    "DatabaseStack",
    "BackupStack",
    "ObservabilityStack",
)
_ROOM_OF: Final = {
    **dict.fromkeys(_NETWORK, 0),
    **dict.fromkeys(_SECURITY, 1),
    **dict.fromkeys(_BACKUP, 3),
    **dict.fromkeys(_OBSERVABILITY, 4),
}
_DATABASE: Final = 2
_OWN_STACK: Final = ("AWS::StackName", "AWS::StackId")


@dataclass(slots=True)
class _Room:
    """A child in the making: `given` is what the parent hands to its parameters."""

    resources: dict[str, Node] = field(default_factory=dict)
    parameters: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, Node] = field(default_factory=dict)
    given: dict[str, Node] = field(default_factory=dict)
    waits_for: set[str] = field(default_factory=set)


def rooms_of(region: RegionPlan) -> dict[str, str]:
    """The room of each resource by key."""
    places: dict[str, int] = {}
    for resource in in_dependency_order(region):
        own = _ROOM_OF.get(type(resource), _DATABASE)
        places[resource.key] = max([own, *(places[key] for key in needs(resource))])
    return {key: ROOMS[place] for key, place in places.items()}


def render_nested(plan: Plan) -> dict[str, str]:
    """The templates of a plan in nested form, by file name: for each region the parent, then its children.

    A child's name carries the digest of its text, so that another text is another address. InputRefused for a plan
    that was read from a template with conditions or mappings.
    """
    files: dict[str, str] = {}
    for region in plan.regions:
        start = ".".join(part for part in (region.stack, region.region) if part)
        parent, children = nest(region, plan.intent)
        texts = {room: laid_out(child) + "\n" for room, child in children.items()}
        names = {room: f"{start}.{_part(room)}.{_digest(text)}.template.json" for room, text in texts.items()}
        for room, name in names.items():
            parent["Resources"][room]["Properties"]["TemplateURL"] = {"Fn::Sub": f"${{{BASE}}}/{name}"}
        files[f"{start}.template.json"] = laid_out(parent) + "\n"
        files |= {names[room]: text for room, text in texts.items()}
    return files


def _part(room: str) -> str:
    """What a room is about, for file names and people: `network`."""
    return room.removesuffix("Stack").lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def nest(region: RegionPlan, intent: Intent) -> tuple[dict[str, Node], dict[str, dict[str, Node]]]:
    """The parent (its children without an address yet), and the children by room."""
    if region.extras:
        raise InputRefused(
            "this template cannot be nested",
            detail=f"It has {', '.join(sorted(region.extras))}, which hold for all of it.",
            hint="write the stand-alone form",
        )
    whole: dict[str, Node] = write(region, intent)
    _refuse_own_stack({name: whole.get(name) for name in ("Resources", "Outputs")})
    places = rooms_of(region)
    rooms = {name: _Room() for name in ROOMS}
    for resource in region.resources:
        _move_in(rooms, places, whole, resource)
    filled = {name: room for name, room in rooms.items() if room.resources}
    parent = _parent(region, whole, places, filled)  # first: what it tells, its children tell
    return parent, {name: _child(region, name, room) for name, room in filled.items()}


def _move_in(rooms: Mapping[str, _Room], places: Mapping[str, str], whole: dict[str, Node], resource: Resource) -> None:
    key, block = resource.key, dict(whole["Resources"][resource.key])
    name = places[key]
    room = rooms[name]
    written = block.pop("DependsOn", [])
    after = [written] if isinstance(written, str) else written
    room.waits_for |= {places[one] for one in after if places[one] != name}
    here = [one for one in after if places[one] == name]

    def rename(target: str, attribute: str | None) -> tuple[str, str | None]:
        if target in whole.get("Parameters", {}):
            definition = whole["Parameters"][target]
            kept = {member: definition[member] for member in ("Type", "Description", "NoEcho") if member in definition}
            room.parameters[target], room.given[target] = kept, {"Ref": target}
            return target, attribute
        if places.get(target, name) == name:
            return target, attribute
        return _taken(rooms, room, places[target], target, attribute), None

    moved = renamed(block, rename)
    room.resources[key] = {"Type": moved.pop("Type"), **_waiting(here), **moved}


def _taken(rooms: Mapping[str, _Room], room: _Room, there: str, target: str, attribute: str | None) -> str:
    """The parameter by which a room takes something of an earlier one, which tells it as an output of that name."""
    name = target + (re.sub(r"[^A-Za-z0-9]", "", attribute) if attribute else "Ref")
    room.parameters[name] = {"Type": "String"}
    room.given[name] = {"Fn::GetAtt": [there, f"Outputs.{name}"]}
    rooms[there].outputs[name] = {"Value": {"Fn::GetAtt": [target, attribute]} if attribute else {"Ref": target}}
    return name


def _child(region: RegionPlan, name: str, room: _Room) -> dict[str, Node]:
    description = f"{region.description} ({_part(name)})" if region.description else _part(name)
    sections = {"Parameters": room.parameters, "Resources": room.resources, "Outputs": room.outputs}
    return {
        "AWSTemplateFormatVersion": TEMPLATE_VERSION,
        "Description": description,
        **{title: section for title, section in sections.items() if section},
    }


def _parent(
    region: RegionPlan, whole: dict[str, Node], places: Mapping[str, str], rooms: Mapping[str, _Room]
) -> dict[str, Node]:
    def rename(target: str, attribute: str | None) -> tuple[str, str | None]:
        if target not in places:
            return target, attribute
        there = places[target]
        # The parent takes nothing itself: it only reads what the child tells.
        return there, f"Outputs.{_taken(rooms, _Room(), there, target, attribute)}"

    outputs = {name: renamed(output, rename) for name, output in whole.get("Outputs", {}).items()}
    base = {
        "Type": "String",
        "Description": "Where the nested stacks' templates lie: an https address in S3 without a slash at its end",
        "AllowedPattern": r"^https://[^\s]+[^/\s]$",
    }
    parent: dict[str, Node] = {
        name: whole[name] for name in ("AWSTemplateFormatVersion", "Description", "Metadata") if name in whole
    }
    parent["Parameters"] = {**whole.get("Parameters", {}), BASE: base}
    parent["Resources"] = {name: _stack(name, room) for name, room in rooms.items()}
    return {**parent, **({"Outputs": outputs} if outputs else {})}


def _stack(name: str, room: _Room) -> dict[str, Node]:
    told = {value["Fn::GetAtt"][0] for value in room.given.values() if "Fn::GetAtt" in value}
    after = [one for one in ROOMS if one in room.waits_for - told - {name}]
    properties = {"TemplateURL": "", **({"Parameters": room.given} if room.given else {})}
    return {
        "Type": "AWS::CloudFormation::Stack",
        **_waiting(after),
        "Properties": properties,
    }


def _waiting(keys: list[str]) -> dict[str, Node]:
    """DependsOn as a template's own writer has it: one name as it is, several as a list."""
    return {"DependsOn": keys[0] if len(keys) == 1 else keys} if keys else {}


def _refuse_own_stack(block: Node) -> None:
    text = json.dumps(block)
    for name in _OWN_STACK:
        if f'"{name}"' in text or f"${{{name}}}" in text:
            raise InputRefused(
                "this template cannot be nested",
                detail=f"It asks for {name}, which is another one in each nested stack.",
                hint="write the stand-alone form",
            )
