"""A case's twin as a Terraform plan: derived from its template, through our own translation and writer.

What Terraform knows when it plans is filled in as it would be: who and where it is, policy documents and JSON that
hang on no resource. What no variable has a default for stays "known after apply".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bench.checks.case import Case
from bench.checks.shown import shown
from mainstay.core.errors import MainstayError
from mainstay.formats import cloudformation, terraform
from mainstay.formats.terraform.names import label
from mainstay.formats.translation import Loss, translate

REGION: Final = "eu-west-1"
_MAIN: Final = "main.tf.json"
_TOLD: Final = (
    (re.compile(r"\$\{data\.aws_caller_identity\.\w+\.account_id\}"), "111111111111"),
    (re.compile(r"\$\{data\.aws_partition\.\w+\.partition\}"), "aws"),
    (re.compile(r"\$\{data\.aws_partition\.\w+\.dns_suffix\}"), "amazonaws.com"),
    (re.compile(r"\$\{data\.aws_region\.\w+\.region\}"), REGION),
    (re.compile(r"\$\{var\.stack_name\}"), "shop"),
    *(
        (re.compile(rf"\$\{{data\.aws_availability_zones\.\w+\.names\[{index}\]\}}"), f"{REGION}{letter}")
        for index, letter in enumerate("abc")
    ),
)
_DOCUMENT: Final = re.compile(r"\$\{data\.aws_iam_policy_document\.([\w-]+)\.json\}")
_ENCODED: Final = re.compile(r"\$\{jsonencode\((.*)\)\}", re.DOTALL)
_LISTS: Final = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


class NotHeld(Exception):
    """The form has no room for the defect; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Both modules (files by name) and both shown plans, by the twin's name."""

    modules: Mapping[str, Mapping[str, str]]
    plans: Mapping[str, Mapping[str, Any]]  # Any: JSON


def twins_of(case: Case) -> Twins:
    """Both twins as Terraform; NotHeld where the defect, or what it is about, is not carried."""
    modules: dict[str, Mapping[str, str]] = {}
    lost: dict[str, set[str]] = {}
    for twin, template in case.twins.items():
        modules[twin], losses = _module(template)
        lost[twin] = {f"{loss.place}: {loss.reason}" for loss in losses}
        gone = [loss for loss in losses if loss.what == "resource" and loss.subject in case.place]
        if gone:
            raise NotHeld(f"{gone[0].subject} is not carried: {gone[0].reason}")
    if only := sorted(lost["defect"] - lost["healthy"]):
        raise NotHeld(only[0])
    if modules["healthy"][_MAIN] == modules["defect"][_MAIN]:
        raise NotHeld("both twins are the same in Terraform")
    return Twins(modules, {twin: shown(planned(files), region=REGION) for twin, files in modules.items()})


def names(place: tuple[str, ...]) -> frozenset[str]:
    """How Terraform's addresses end that are about these resources."""
    return frozenset(label(one) for one in place)


def _module(template: Mapping[str, Any]) -> tuple[Mapping[str, str], tuple[Loss, ...]]:
    source = cloudformation.Source(json.dumps(template), "template.json")
    try:
        reading = cloudformation.read_tree(source, parameters={}, find=None)
        translation = translate(reading.plan, "terraform", given={})
        return terraform.render(translation.plan), translation.losses
    except MainstayError as error:
        raise NotHeld(error.summary) from error


def planned(files: Mapping[str, str]) -> dict[str, str]:
    """The module with everything filled in that Terraform knows when it plans."""
    text = files[_MAIN]
    for pattern, value in _TOLD:
        text = pattern.sub(value, text)
    tree = json.loads(text)
    documents = tree.get("data", {}).get("aws_iam_policy_document", {})
    return {**files, _MAIN: json.dumps(_filled(tree, documents))}


def _filled(node: Any, documents: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(item, documents) for name, item in node.items()}
    if isinstance(node, list):
        return [_filled(item, documents) for item in node]
    if isinstance(node, str) and (found := _DOCUMENT.fullmatch(node)):
        text = json.dumps(_policy(documents[found[1]]))
        return node if "${" in text else text
    if isinstance(node, str) and (found := _ENCODED.fullmatch(node)) and "${" not in found[1]:
        try:
            return json.dumps(json.loads(found[1]))
        except ValueError:  # more than JSON stands in the brackets
            return node
    return node


def _policy(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider makes of an `aws_iam_policy_document`."""
    return {"Version": "2012-10-17", "Statement": [dict(_statement(one)) for one in document["statement"]]}


def _statement(block: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "Sid", block.get("sid", "")
    yield "Effect", block.get("effect", "Allow")
    yield from ((theirs, block[ours]) for ours, theirs in _LISTS if ours in block)
    for ours, theirs in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if ours in block:
            yield theirs, {one["type"]: one["identifiers"] for one in block[ours]}
    conditions: dict[str, dict[str, Any]] = {}
    for one in block.get("condition", ()):
        conditions.setdefault(one["test"], {})[one["variable"]] = one["values"]
    if conditions:
        yield "Condition", conditions
