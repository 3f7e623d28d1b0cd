"""Values for a template's parameters, from a file in one of the shapes that AWS's own tools take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mainstay.api._files import read_text
from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.plan.values import Json

_HINT: Final = (
    'write {"Name": "value"}, [{"ParameterKey": "Name", "ParameterValue": "value"}], or ["Name=value"], as the AWS '
    "command line takes it"
)


def read_parameters(source: Path) -> dict[str, str]:
    """The values by name. A list stands for its items with commas; what keeps its previous value is left out.

    The shapes are those of `aws cloudformation create-stack` and `deploy`, and of CodePipeline's template configuration
    (AWS CLI reference and CodePipeline User Guide, 2026-11-21). InputRefused says what is none of them.
    """
    try:
        root, _ = json_text.load(read_text(source), file=str(source))
    except json_text.NotJson as error:
        raise _refused(f"{source}:{error.line}:{error.column}: {error.reason}") from error
    values: dict[str, str] = {}
    for name, value in _pairs(root, source):
        if name in values:
            raise _refused(f"{source}: '{name}' has two values")
        values[name] = value
    return values


def _pairs(root: Json, source: Path) -> Iterator[tuple[str, str]]:
    match root:
        case {"Parameters": dict(section)} | dict(section):
            for name, value in section.items():
                yield name, _text(value, name, source)
        case list():
            for entry in root:
                yield from _entry(entry, source)
        case _:
            raise _refused(f"{source} holds neither a mapping nor a list")


def _entry(entry: Json, source: Path) -> Iterator[tuple[str, str]]:
    match entry:
        case {"ParameterKey": str(name), "ParameterValue": value}:
            yield name, _text(value, name, source)
        case {"ParameterKey": str(), "UsePreviousValue": True}:
            pass
        case str(text) if text.partition("=")[0] and "=" in text:
            name, _, value = text.partition("=")
            yield name, value
        case _:
            raise _refused(f"{source}: {str(entry)[:80]} is no parameter with its value")


def _text(value: Json, name: str, source: Path) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, list) for item in value):
        return ",".join(_text(item, name, source) for item in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise _refused(f"{source}: the value of '{name}' is neither a text nor a list of texts")


def _refused(detail: str) -> InputRefused:
    return InputRefused("parameters cannot be read", detail=f"{detail}.", hint=_HINT)
