"""The plan's intent as template metadata: under `Metadata.Mainstay`, complete and with a version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.core.units import Duration
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.codec import Foreign, Reading
from mainstay.formats.scalars import Plain, as_boolean, as_integer, as_text
from mainstay.formats.table import Row, Rows, block, blocks
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.plan import RegionPlan
from mainstay.plan.values import Json

MEMBER: Final = "Mainstay"
VERSION: Final = 1

_TEXT: Final = Plain(str, as_text)
_COUNT: Final = Plain(int, as_integer)
_SWITCH: Final = Plain(bool, as_boolean)
_DURATION: Final = Plain(str, lambda node: Duration.parse(as_text(node)))
_DATE: Final = Plain(date.isoformat, lambda node: date.fromisoformat(as_text(node)))

_CHECKS: Final = blocks(
    SqlCheck,
    Row("name", "Name", _TEXT),
    Row("statement", "Statement", _TEXT),
    Row("database", "Database", _TEXT),
    Row("expected_rows", "ExpectedRows", _COUNT),
    Row("timeout", "Timeout", _DURATION),
)
_SUPPRESSIONS: Final = blocks(
    Suppression,
    Row("rule", "Rule", _TEXT),
    Row("resource", "Resource", _TEXT),
    Row("reason", "Reason", _TEXT),
    Row("until", "Until", _DATE),
)
_INTENT: Final = Rows(
    Intent,
    (
        Row("name", "Name", _TEXT),
        Row("environment", "Environment", _TEXT),
        Row("profile", "Profile", _TEXT),
        Row("rpo", "Rpo", _DURATION),
        Row("rto", "Rto", _DURATION),
        Row("protects_stack", "ProtectsStack", _SWITCH),
        Row("manifest", "Manifest", _TEXT),
        Row("drill", "Drill", block(DrillIntent, Row("every", "Every", _DURATION), Row("checks", "Checks", _CHECKS))),
        Row("suppressions", "Suppressions", _SUPPRESSIONS),
    ),
)
# Nothing in the metadata is an expression: no name has a meaning there.
_DIALECT: Final = CloudFormation(Scope())


def write_metadata(region: RegionPlan, intent: Intent) -> dict[str, Json]:
    """What `Metadata.Mainstay` holds; empty when there is nothing to say."""
    if (region.region, region.stack, intent) == ("", "", Intent()):
        return {}
    return {
        "Version": VERSION,
        "Region": region.region,
        "Stack": region.stack,
        "Intent": _INTENT.write(intent, _DIALECT),
    }


def read_metadata(node: Json, *, file: str) -> tuple[str, str, Intent]:
    """Region, stack and intent; InputRefused when they are not what this version of Mainstay writes."""
    match node:
        case None:
            return "", "", Intent()
        case {"Version": int(version)} if version > VERSION:
            raise InputRefused(
                "template of a newer Mainstay",
                detail=f"{file}: its metadata has version {version}, this Mainstay knows {VERSION}.",
                hint="upgrade Mainstay",
            )
        case {"Version": 1, "Region": str(region), "Stack": str(stack), "Intent": dict(intent), **rest} if not rest:
            found = _read_intent(intent)
            if found:
                return region, stack, found
    raise InputRefused(
        "metadata of Mainstay damaged",
        detail=f"{file}: 'Metadata.{MEMBER}' is not what Mainstay writes.",
        hint=f"write the template anew with mainstay synth, or remove 'Metadata.{MEMBER}'",
    )


def _read_intent(node: Mapping[str, Json]) -> Intent | None:
    reading = Reading(_DIALECT)
    try:
        fields = _INTENT.read(node, reading)
    except Foreign:
        return None
    # Whatever the rows do not know was written by something else.
    return None if reading.extras else Intent(**fields)  # type: ignore[arg-type]  # the rows give each field its type
