"""Golden plans, findings, promises and templates: a change shows all its effects in one diff.

Each folder `tests/golden/<blueprint>/<environment>/` holds the plan, what is found in it, what it promises, and its
template.
After a change that is meant, write them anew and read the diff:

    MAINSTAY_GOLDEN=write python -m pytest tests/plan/passes/test_passes_golden.py
"""

from __future__ import annotations

import dataclasses
import enum
import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mainstay import checks, forecast
from mainstay.core.findings import Origin
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.formats import cloudformation
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.spec import load

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden"
BLUEPRINTS = sorted(path.stem for path in (ROOT / "blueprints").glob("*.yaml"))
CASES = [(blueprint, environment) for blueprint in BLUEPRINTS for environment in ("dev", "prod")]


def shown(value: Any) -> Any:  # Any: a plan holds every kind of value
    """A value as JSON that a person can read: kinds by name, quantities with units, nothing that is a default."""
    if isinstance(value, (Bytes, Duration, DailyWindow, WeeklyWindow, Cron, Rate, date)):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [shown(item) for item in value]
    if dataclasses.is_dataclass(value):
        fields = {
            field.name: shown(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not isinstance(getattr(value, field.name), Origin) and getattr(value, field.name) != default_of(field)
        }
        return {"is": type(value).__name__, **fields}
    return value


def default_of(field: dataclasses.Field[Any]) -> Any:  # Any: a default of any type
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def current(plan: Plan) -> dict[str, str]:
    """File names and texts of a case, as they are now."""
    promise = forecast.promise(plan)
    # Findings that hang on the day (a version that leaves) are held to the day on which the facts were compiled.
    findings = [*checks.run(plan, today=date(2026, 11, 20)), *forecast.judge(promise, plan.intent)]
    documents = {
        "plan.json": shown(plan),
        "findings.json": [{**finding.as_json(), "file": None} for finding in findings],
        "promise.json": {"outcomes": [_brief(outcome) for outcome in promise.outcomes]},
    }
    texts = {name: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for name, document in documents.items()}
    return {**texts, **cloudformation.render(plan)}


def _brief(outcome: forecast.Outcome) -> dict[str, object]:
    """An outcome with the first sentence of each reason; what these rest on repeats itself from way to way."""
    ways = [{**way.as_json(), "reasons": [reason.text for reason in way.reasons]} for way in outcome.ways]
    return {**outcome.as_json(), "ways": ways}


@pytest.mark.parametrize(("blueprint", "environment"), CASES)
def test_plan_and_template_are_as_written(blueprint: str, environment: str) -> None:
    folder = GOLDEN / blueprint / environment
    source = ROOT / "blueprints" / f"{blueprint}.yaml"
    files = current(build(load(source, environment=environment)))
    if os.environ.get("MAINSTAY_GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == files


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_nested_form_is_as_written(environment: str) -> None:
    """Of the system that asks for one. The names here leave the digest out, so that a change is a diff."""
    folder = GOLDEN / "postgres-ha" / f"{environment}-nested"
    plan = build(load(ROOT / "blueprints" / "postgres-ha.yaml", environment=environment))
    named = cloudformation.render_nested(plan)
    files = {re.sub(r"\.[0-9a-f]{12}\.template", ".template", name): text for name, text in named.items()}
    assert len(files) == len(named)
    if os.environ.get("MAINSTAY_GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == files


def test_every_golden_folder_is_a_case() -> None:
    folders = {(path.parent.parent.name, path.parent.name) for path in GOLDEN.glob("*/*/plan.json")}
    assert folders == set(CASES)
    assert "postgres-ecommerce" in BLUEPRINTS


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_two_builds_are_equal(blueprint: str) -> None:
    source = ROOT / "blueprints" / f"{blueprint}.yaml"
    assert build(load(source)) == build(load(source))
