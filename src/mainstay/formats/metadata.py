"""What a template has no room for, as its metadata: under `Metadata.Mainstay`, complete and with a version.

That is the plan's intent, the template's region and stack, and which output of another region fills which parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.formats.codec import Foreign, Literal, Reading
from mainstay.formats.scalars import Plain, as_boolean, as_integer, as_text
from mainstay.formats.table import Row, Rows, block, blocks
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.plan import OutputOf, RegionPlan
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
    Row("expected_hash", "ExpectedHash", _TEXT),
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
        Row("account", "Account", _TEXT),
        Row("profile", "Profile", _TEXT),
        Row("rpo", "Rpo", _DURATION),
        Row("rto", "Rto", _DURATION),
        Row("protects_stack", "ProtectsStack", _SWITCH),
        Row("manifest", "Manifest", _TEXT),
        Row(
            "drill",
            "Drill",
            block(
                DrillIntent,
                Row("every", "Every", _DURATION),
                Row("proof_lasts", "ProofLasts", _DURATION),
                Row("parallel", "Parallel", _COUNT),
                Row("checks", "Checks", _CHECKS),
            ),
        ),
        Row("suppressions", "Suppressions", _SUPPRESSIONS),
    ),
)
_DIALECT: Final = Literal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a template says of itself. `sources` are by parameter."""

    region: str = ""
    stack: str = ""
    sources: Mapping[str, OutputOf] = field(default_factory=dict)
    intent: Intent = field(default_factory=Intent)


def write_metadata(region: RegionPlan, intent: Intent) -> dict[str, Json]:
    """What `Metadata.Mainstay` holds; empty when there is nothing to say."""
    sources: dict[str, Json] = {
        one.name: {"Region": one.source.region, "Output": one.source.output}
        for one in region.parameters
        if one.source is not None
    }
    if not sources and (region.region, region.stack, intent) == ("", "", Intent()):
        return {}
    return {
        "Version": VERSION,
        "Region": region.region,
        "Stack": region.stack,
        **({"Sources": sources} if sources else {}),
        "Intent": _INTENT.write(intent, _DIALECT),
    }


def read_metadata(node: Json, *, file: str) -> Metadata:
    """What a template says of itself; InputRefused when it is not what this version of Mainstay writes."""
    match node:
        case None:
            return Metadata()
        case {"Version": int(version)} if version > VERSION:
            raise InputRefused(
                "template of a newer Mainstay",
                detail=f"{file}: its metadata has version {version}, this Mainstay knows {VERSION}.",
                hint="upgrade Mainstay",
            )
        case {"Version": 1, "Region": str(region), "Stack": str(stack), "Intent": dict(intent), **rest}:
            sources, found = _read_sources(rest.pop("Sources", {})), _read_intent(intent)
            if sources is not None and found is not None and not rest:
                return Metadata(region=region, stack=stack, sources=sources, intent=found)
    raise damaged(file)


def damaged(file: str) -> InputRefused:
    """The refusal of metadata that Mainstay did not write so."""
    return InputRefused(
        "metadata of Mainstay damaged",
        detail=f"{file}: 'Metadata.{MEMBER}' is not what Mainstay writes.",
        hint=f"write the template anew with mainstay synth, or remove 'Metadata.{MEMBER}'",
    )


def _read_sources(node: object) -> dict[str, OutputOf] | None:
    if not isinstance(node, Mapping):
        return None
    sources: dict[str, OutputOf] = {}
    for name, source in node.items():
        match source:
            case {"Region": str(region), "Output": str(output), **more} if not more:
                sources[name] = OutputOf(region, output)
            case _:
                return None
    return sources


def _read_intent(node: Mapping[str, Json]) -> Intent | None:
    reading = Reading(_DIALECT)
    try:
        fields = _INTENT.read(node, reading)
    except Foreign:
        return None
    # Whatever the rows do not know was written by something else.
    return None if reading.extras else Intent(**fields)  # type: ignore[arg-type]  # the rows give each field its type
