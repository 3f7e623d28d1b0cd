"""What a target of EventBridge is given: the event, a part of it, a constant, or a text made of parts of it.

EventBridge User Guide, eb-transform-target-input (not re-read). A path is `$` with members and indexes; one that leads
nowhere gives nothing: an empty text within quotes, null outside of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.services.handler import refuse_if

INVALID: Final = "ValidationException"
_PATH: Final = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\[\d+\])*")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")
_PLACE: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")
MOST_PATHS: Final = 100
WAYS: Final = ("Input", "InputPath", "InputTransformer")

Json = Any  # Any: JSON of an event
Target = Mapping[str, Any]  # Any: EventBridge's shape of a target


def check_input(target: Target) -> None:
    """Refuse more than one way to make the input, and ways that cannot work."""
    name, given = target["Id"], [way for way in WAYS if way in target]
    told = f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
    refuse_if(len(given) > 1, INVALID, told)
    if "Input" in target:
        refuse_if(not _is_json(target["Input"]), INVALID, f"JSON syntax error in input for target {name}.")
    transformer = target.get("InputTransformer", {})
    paths = transformer.get("InputPathsMap", {})
    refuse_if(len(paths) > MOST_PATHS, INVALID, f"InputPathsMap of target {name} has more than {MOST_PATHS} paths.")
    for path in filter(None, (target.get("InputPath"), *paths.values())):
        refuse_if(not _PATH.fullmatch(path), INVALID, f"Invalid InputPath or InputPathsMap of target {name}: {path}")
    odd = [key for key in paths if key.upper().startswith("AWS")]
    refuse_if(odd, INVALID, f"InputPathsMap of target {name} may not name {', '.join(odd)}.")


def input_of(target: Target, event: Mapping[str, Json], rule_arn: str) -> str:
    """The text that the target is given."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_found(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if transformer is None:
        return json.dumps(event)
    values = {name: _found(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    # Names that are always there: the same page of the guide, "Reserved variables".
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": dict(event),
    }
    return _filled(transformer["InputTemplate"], values)


def _filled(template: str, values: Mapping[str, Json]) -> str:
    """The template with its places filled: as they are within quotes, as JSON outside of them."""
    parts, end = [], 0
    for place in _PLACE.finditer(template):
        before = template[: place.start()]
        parts.append(template[end : place.start()])
        end = place.end()
        value = values.get(place[1])
        parts.append(_within_quotes(value) if _is_open(before) else json.dumps(value))
    return "".join(parts) + template[end:]


def _is_open(text: str) -> bool:
    """Whether a quote is open at the end of the text."""
    return len(re.findall(r'(?<!\\)"', text)) % 2 == 1


def _within_quotes(value: Json) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return json.dumps(text)[1:-1]


def _found(path: str, event: Json) -> Json:
    here = event
    for name, index in _STEP.findall(path):
        if name:
            here = here.get(name) if isinstance(here, Mapping) else None
        else:
            here = here[int(index)] if isinstance(here, list) and int(index) < len(here) else None
    return here


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
