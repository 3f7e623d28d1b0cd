"""The text of a template as plain data, with the places of resources and properties; bounded in time and memory,
whatever comes.

JSON is read by the standard decoder, whose C scanner takes 4 ms for 1 MB where libyaml's composer takes 290 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NoReturn

from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.formats.cloudformation import yaml_text
from mainstay.plan.values import Json

# CloudFormation itself takes 1 MB (quotas, "Template body size in an S3 object", checked 2026-11-20); four times
# that leaves room for indentation.
MOST_CHARACTERS: Final = 4 * 2**20
# CloudFormation takes 500 (quotas, "Resources", checked 2026-11-20). Rules that look at pairs take a second for 2,000.
MOST_RESOURCES: Final = 2_000


@dataclass(slots=True)
class Document:
    """A template's top level, and where things stand in it: each logical id under `Resources`, and by `inside` the
    members of such a resource and its properties. Lines and columns count from 1.
    """

    root: dict[str, Json]
    places: Mapping[str, json_text.Place] = field(default_factory=dict)
    inside: Callable[[str], Mapping[str, json_text.Place]] = field(default=lambda _: {})


def load(text: str, *, file: str) -> Document:
    """Plain data from JSON or YAML with CloudFormation's short tags; InputRefused says what is wrong and where."""
    if len(text) > MOST_CHARACTERS:
        raise InputRefused(
            "template too large",
            detail=f"{file} has {len(text):,} characters; CloudFormation takes at most 1 MB.",
            hint="split it into several stacks",
        )
    text = text.removeprefix("\ufeff")
    _refuse_other_languages(text, file)
    found = _parse(text, file)
    root = found.root
    if not isinstance(root, dict):
        _refuse(file, f"It holds {_kind(root)}, not a mapping with 'Resources'.")
    json_text.refuse_depth(root, file)
    _refuse_other_documents(root, file)
    _refuse_crowd(root.get("Resources"), file)
    return found


def _parse(text: str, file: str) -> Document:
    if not text.lstrip().startswith("{"):
        return _yaml(text, file)
    try:
        return _json(text, file)
    except json_text.NotJson as error:
        try:
            # YAML also begins with a brace when it is written in flow style.
            return _yaml(text, file)
        except InputRefused as yaml_error:
            if yaml_error.summary != yaml_text.NOT_YAML:
                raise
            raise InputRefused(
                "template is not JSON",
                detail=f"{file}:{error.line}:{error.column}: {error.reason}.",
                hint="correct the text at that line",
            ) from error


def _json(text: str, file: str) -> Document:
    root, offsets = json_text.load(text, file=file, steps=("Resources", json_text.ANY))
    places = {path[-1]: place for path, place in json_text.places(text, offsets).items()}

    @cache
    def inside(key: str) -> Mapping[str, json_text.Place]:
        return json_text.places_within(text, offsets["Resources", key], places[key][0], "Properties")

    return Document(root, places, inside)  # type: ignore[arg-type]  # load() looks at the root's shape


def _yaml(text: str, file: str) -> Document:
    root, places, inside = yaml_text.load(text, file=file)
    return Document(root, places, lambda key: inside.get(key, {}))  # type: ignore[arg-type]  # as above


def _refuse(file: str, detail: str, hint: str = "give a CloudFormation template in JSON or YAML") -> NoReturn:
    raise InputRefused("not a CloudFormation template", detail=f"{file}: {detail}", hint=hint)


def _kind(root: Json) -> str:
    return {list: "a list", str: "a text", type(None): "nothing"}.get(type(root), "a single value")


def _refuse_crowd(resources: Json, file: str) -> None:
    if isinstance(resources, dict) and len(resources) > MOST_RESOURCES:
        raise InputRefused(
            "template too large",
            detail=f"{file} has {len(resources):,} resources; CloudFormation takes at most 500.",
            hint="split it into several stacks",
        )


# What somebody may have meant, by the first lines of a text that is no mapping at all.
# Comments are skipped possessively: whoever tries each way to split them never comes to an end.
_COMMENTS: Final = r"\s*+(?:(?:#|//)[^\n]*+\n\s*+)*+"
_OTHER_LANGUAGES: Final = (
    (re.compile(_COMMENTS + r"(?:terraform|locals)\s*\{"), "a Terraform configuration (HCL)"),
    (
        re.compile(_COMMENTS + r'(?:resource|data|provider|variable|module|output)\s+"[^"\n]*"[^\n:{]*\{'),
        "a Terraform configuration (HCL)",
    ),
    (re.compile(r"\s*<"), "XML or HTML"),
    (re.compile(r"\s*(?:from|import) \w"), "a program"),
)
# And by the members of a mapping.
_OTHER_DOCUMENTS: Final = (
    ("planned_values", "a Terraform plan"),
    ("terraform_version", "a Terraform state or plan"),
    ("apiVersion", "a Kubernetes manifest"),
    ("services", "a Compose file"),
    ("openapi", "an OpenAPI document"),
    ("artifacts", "a CDK manifest; the template lies beside it"),
    ("engine", "a Mainstay spec"),
    ("database", "a Mainstay spec"),
)


def _refuse_other_languages(text: str, file: str) -> None:
    if "\0" in text:
        _refuse(file, "It is binary.")
    for pattern, meant in _OTHER_LANGUAGES:
        if pattern.match(text):
            _refuse(file, f"It looks like {meant}.")


def _refuse_other_documents(root: dict[str, Json], file: str) -> None:
    if "Resources" in root:
        return
    meant = next((name for member, name in _OTHER_DOCUMENTS if member in root), None)
    if meant:
        _refuse(file, f"It looks like {meant}.")
    members = ", ".join(sorted(str(name) for name in root)[:8]) or "nothing"
    _refuse(file, f"It has no 'Resources'; at its top stands: {members}.")
