"""Settings of a construct: its arguments, then the context of the app, then the spec.

In the context, `mainstay` holds settings for every construct and `mainstay:<id>` those for one: a mapping of dotted
paths of a spec, `environment` among them. `-c`, which gives text only, takes one path a time:
`-c mainstay:Orders.database.class=db.m7g.large`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mainstay.core.errors import InputRefused

KEY: Final = "mainstay"
_ENVIRONMENT: Final = "environment"
# How the CDK writes what it does not know yet into text, lists and numbers (aws-cdk-lib 2.275, core/lib/encoding).
_TOKEN: Final = re.compile(r"[$#]\{Token\[|-1\.888154589\d+e\+289")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: `overrides` as YAML text by dotted path, weakest first; `given` says where they stand."""

    environment: str | None
    overrides: Mapping[str, str]
    given: Mapping[str, str]


def choose(
    construct_id: str,
    context: Mapping[str, Any],  # Any: whatever people write into cdk.json
    *,
    environment: str | None = None,
    settings: Mapping[str, Any] | None = None,  # Any: values of a spec
) -> Chosen:
    """The settings of a construct, the arguments' over the context's. InputRefused for context that holds none."""
    overrides: dict[str, str] = {}
    given: dict[str, str] = {}
    named = environment
    for where, path, text in _written(construct_id, context, settings or {}):
        if path == _ENVIRONMENT:
            if environment is None:
                named, given[path] = _word(where, text), where
            continue
        # What is written later has to be laid later, also where a wider path stands between the two.
        overrides.pop(path, None)
        overrides[path] = text
        given[path] = where
    return Chosen(named, overrides, given)


def _written(
    construct_id: str, context: Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Where, path and YAML text of every setting, weakest first."""
    for key in (KEY, f"{KEY}:{construct_id}"):
        for path, value in _mapping(key, context.get(key)).items():
            yield f"context {key}, {path}", path, _text(f"context {key}", path, value)
        start = f"{key}."
        for name, value in context.items():
            if name.startswith(start):
                text = value if isinstance(value, str) else _text(f"context {name}", name, value)
                yield f"context {name}", name.removeprefix(start), text
    for path, value in settings.items():
        yield f"argument {path}", path, _text("settings", path, value)


def _mapping(key: str, value: Any) -> Mapping[str, Any]:  # Any: as above
    if value is None:
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, Mapping):
        return value
    raise InputRefused(
        "context holds no settings",
        detail=f"The context '{key}' is no mapping of dotted paths to values.",
        hint=f'write "{key}": {{"environment": "prod", "database.class": "db.m7g.large"}} in cdk.json, '
        f"or -c {key}.database.class=db.m7g.large",
    )


def _text(where: str, path: str, value: Any) -> str:  # Any: as above
    """A value as YAML text: JSON is a part of it."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise InputRefused(
            "not a setting",
            detail=f"{where}, {path}: {error}.",
            hint="use text, numbers, true and false, lists and mappings",
        ) from error
    refuse_tokens(f"{where}, {path}", text)
    return text


def refuse_tokens(where: str, text: str) -> None:
    """InputRefused for what the CDK knows only when it deploys: a design is compiled, and checked, before that."""
    if _TOKEN.search(text):
        raise InputRefused(
            "a value that is not known yet",
            detail=f"{where} holds a token of the CDK, which has a value only at the deployment.",
            hint="write the value itself; a network is given with vpc=, what the template asks for with parameters=",
        )


def _word(where: str, text: str) -> str:
    """The name of an environment, written as JSON or as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, str) and value:
        return value
    raise InputRefused(
        "no name for an environment", detail=f"{where}: {text} is none.", hint='write its name: "environment": "prod"'
    )
