"""`terraform show -json`, of a plan or of a state: its resources, with what is unknown or hidden in them.

Terraform's documentation, "JSON Output Format" (versions 0.1 to 1.x, checked 2026-11-21). What a plan takes away, and
what an earlier replacement left behind (a deposed object), is not what should exist, so it is passed over; so are data
sources, whose values stand resolved wherever they are used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.formats.terraform.configured import Configuration, configuration_of, items, mapping
from mainstay.plan.values import Json

MOST_RESOURCES: Final = 5_000
HIDDEN: Final = "${sensitive}"
"""Stands for a value that nobody may see; no expression of a plan."""
_ELSEWHERE: Final = "aws_db_instance_automated_backups_replication"
"""Its `region` is no place of its own: it is the one that an instance's backups go to."""


@dataclass
class Instance:
    """One resource: where it stands, and its values with what is unknown or hidden in them."""

    address: str
    module: str
    type_name: str
    name: str
    index: str
    values: dict[str, Json]
    unknown: Json = None
    sensitive: Json = None
    expressions: Mapping[str, Json] = field(default_factory=dict)
    region: str = ""


@dataclass
class Shown:
    """What was shown: its resources in order, the provider's region, and the configuration.

    It `is_whole` unless Terraform was told to plan a part, or has put some of it off.
    """

    instances: list[Instance]
    region: str = ""
    configuration: Configuration = field(default_factory=Configuration)
    is_whole: bool = True


def load(text: str, *, file: str) -> Shown:
    """The resources of a plan or state; InputRefused says why a text is neither."""
    root = _root(text, file)
    values = mapping(root.get("planned_values")) or mapping(root.get("values"))
    changes = {
        str(one.get("address")): mapping(one.get("change"))
        for one in items(root.get("resource_changes"))
        if "deposed" not in one
    }
    instances: list[Instance] = []
    for one in _walk(mapping(values.get("root_module")), ""):
        # What Terraform forgets is shown once more, without values.
        if changes.get(one.address, {}).get("actions") != ["forget"]:
            instances.append(one)
        if len(instances) > MOST_RESOURCES:
            raise _refused(file, f"it has more than {MOST_RESOURCES:,} resources")
    configuration = configuration_of(root)
    for one in instances:
        change = changes.get(one.address, {})
        one.unknown = change.get("after_unknown")
        one.sensitive = change.get("after_sensitive", one.sensitive)
        one.expressions = configuration.expressions(one.module, one.type_name, one.name)
    return Shown(instances, _placed(instances, configuration), configuration, root.get("complete") is not False)


def _root(text: str, file: str) -> Mapping[str, Json]:
    try:
        root, _ = json_text.load(text, file=file)
    except json_text.NotJson as error:
        raise _refused(f"{file}:{error.line}:{error.column}", f"it is not JSON: {error.reason}") from error
    json_text.refuse_depth(root, file)
    top = mapping(root)
    version = top.get("format_version")
    if not isinstance(version, str) or not ({"planned_values", "values"} & top.keys()):
        raise _refused(file, "it shows neither a plan nor a state")
    if version.split(".")[0] not in ("0", "1"):
        raise _refused(file, f"its format has version {version}, and this Mainstay knows 0 and 1")
    if top.get("errored") is True:
        raise _refused(file, "the plan stopped at an error, so it shows a part of what should exist")
    return top


def _refused(file: str, reason: str) -> InputRefused:
    return InputRefused(
        "no output of Terraform",
        detail=f"{file}: {reason}.",
        hint="write it with: terraform plan -out tfplan && terraform show -json tfplan > tfplan.json",
    )


def _walk(module: Mapping[str, Json], path: str) -> Iterator[Instance]:
    for one in items(module.get("resources")):
        if one.get("mode") == "managed" and isinstance(one.get("type"), str) and "deposed_key" not in one:
            index = one.get("index")
            yield Instance(
                address=str(one.get("address")),
                module=path,
                type_name=str(one["type"]),
                name=str(one.get("name")),
                index="" if index is None else str(index),
                values=dict(mapping(one.get("values"))),
                sensitive=one.get("sensitive_values"),
            )
    for child in items(module.get("child_modules")):
        yield from _walk(child, str(child.get("address")))


def _placed(instances: list[Instance], configuration: Configuration) -> str:
    """Give each resource its region: its own argument since version 6 of the provider, or its provider's. What is said
    by neither stands where most do, whose region is returned.
    """
    for one in instances:
        own = one.values.get("region")
        if one.type_name != _ELSEWHERE and isinstance(own, str):
            one.region = own
        else:
            one.region = configuration.region(one.module, one.type_name, one.name)
    known = Counter(one.region for one in instances if one.region)
    home = configuration.region("", "", "") or next((region for region, _ in known.most_common(1)), "")
    for one in instances:
        one.region = one.region or home
    return home
