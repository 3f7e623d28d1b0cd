"""The top level of a template: its version, and parameters and outputs by rows, as resources are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.codec import Dialect, Reading
from mainstay.formats.lists import Each
from mainstay.formats.paths import put
from mainstay.formats.scalars import Plain, as_boolean, as_text, text
from mainstay.formats.table import Row, Rows
from mainstay.plan.plan import Output, Parameter
from mainstay.plan.values import Json

TEMPLATE_VERSION: Final = "2010-09-09"
"""The only version of templates that exists (CloudFormation User Guide, format-version, checked 2026-11-20)."""

_TEXT: Final = Plain(str, as_text)
_DESCRIPTION: Final = Row("description", "Description", Plain(str, as_text, silent=""))

_PARAMETER: Final = Rows(
    Parameter,
    (
        Row("type", "Type", _TEXT),
        _DESCRIPTION,
        Row("default", "Default", _TEXT),
        Row("allowed", "AllowedValues", Each(_TEXT)),
        Row("pattern", "AllowedPattern", _TEXT),
        Row("is_secret", "NoEcho", Plain(bool, as_boolean, silent=False)),
    ),
)
_OUTPUT: Final = Rows(Output, (_DESCRIPTION, Row("value", "Value", text), Row("export", "Export.Name", text)))
# A parameter is literal throughout: no name has a meaning in it.
_LITERAL: Final = CloudFormation(Scope())


def read_parameter(name: str, node: Mapping[str, Json]) -> Parameter:
    """A parameter; what it has beyond the plan's fields is among its extras."""
    return Parameter(name=name, **_read(_PARAMETER, node, _LITERAL))


def write_parameter(parameter: Parameter) -> dict[str, Json]:
    """A parameter's members; CannotExpress when an extra stands where a field does."""
    return _write(_PARAMETER, parameter, parameter.extras, _LITERAL)


def read_output(name: str, node: Mapping[str, Json], dialect: Dialect) -> Output:
    """An output; what it has beyond the plan's fields (a condition) is among its extras."""
    return Output(name=name, **_read(_OUTPUT, node, dialect))


def write_output(output: Output, dialect: Dialect) -> dict[str, Json]:
    """An output's members; CannotExpress when its value has no form."""
    return _write(_OUTPUT, output, output.extras, dialect)


def _read(rows: Rows, node: Mapping[str, Json], dialect: Dialect) -> dict[str, Any]:  # Any: fields of any type
    reading = Reading(dialect)
    fields = rows.read(node, reading)
    return {**fields, "extras": reading.extras}


def _write(rows: Rows, record: object, extras: Mapping[str, Json], dialect: Dialect) -> dict[str, Json]:
    members = rows.write(record, dialect)
    for path, value in extras.items():
        put(members, path, value)
    return members
