"""The JSON schema of a spec, with which an editor completes keys and shows their meaning."""

from __future__ import annotations

import copy
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from mainstay.core.units import Bytes, Duration, Share
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.spec.document import Spec
from mainstay.spec.layers import ENVIRONMENTS
from mainstay.spec.meanings import described

_WRITTEN = (Bytes, Duration, Share, DailyWindow, WeeklyWindow)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithUnits(GenerateJsonSchema):
    """Shows a default as it would be written: `7d`, not a number of seconds."""

    def encode_default(self, dft: Any) -> Any:  # Any: a default is anything
        """The default as JSON."""
        return str(dft) if isinstance(dft, _WRITTEN) else super().encode_default(dft)


def json_schema() -> dict[str, Any]:  # Any: a JSON schema is JSON
    """The schema of the whole file, `environments` included; the same for every call."""
    schema = described(Spec.model_json_schema(by_alias=True, schema_generator=_WithUnits), Spec)
    partial = _partial(schema)
    schema["properties"][ENVIRONMENTS] = {
        "type": "object",
        "description": "What differs by environment; merged over the rest key by key, lists replaced.",
        "additionalProperties": {"anyOf": [partial, {"type": "null"}]},
    }
    return {"$schema": _DIALECT, "title": "mainstay spec", **{k: v for k, v in schema.items() if k != "title"}}


def _partial(schema: dict[str, Any]) -> dict[str, Any]:
    """The shape of one environment: every key of a spec, none of them needed.

    Items of lists stay whole, because an environment replaces a list as such.
    """
    definitions = schema["$defs"]
    for name in [name for name in definitions if not name.startswith("Partial")]:
        definitions[f"Partial{name}"] = _loosened(copy.deepcopy(definitions[name]))
    own = {key: value for key, value in schema.items() if key in ("properties", "additionalProperties", "type")}
    return _loosened(copy.deepcopy(own))


def _loosened(section: dict[str, Any]) -> dict[str, Any]:
    section.pop("required", None)
    for value in section.get("properties", {}).values():
        value.pop("default", None)
        for place in [value, *value.get("anyOf", [])]:
            if "$ref" in place:
                place["$ref"] = place["$ref"].replace("#/$defs/", "#/$defs/Partial")
    return section
