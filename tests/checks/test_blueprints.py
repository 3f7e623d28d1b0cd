"""No blueprint fires a rule, in any of its environments: a false alarm is a defect."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from mainstay import spec
from mainstay.checks import run
from mainstay.plan.passes import build

BLUEPRINTS = sorted((Path(__file__).parents[2] / "blueprints").glob("*.yaml"))
CASES = [
    (path, environment)
    for path in BLUEPRINTS
    for environment in yaml.safe_load(path.read_text(encoding="utf-8")).get("environments", {"dev": {}})
]


def test_there_are_blueprints() -> None:
    assert [path.stem for path in BLUEPRINTS if path.stem == "postgres-ecommerce"] == ["postgres-ecommerce"]


@pytest.mark.parametrize(("path", "environment"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_blueprint_is_sound(path: Path, environment: str) -> None:
    written = spec.load(path, environment=environment)
    # A fixed day: what leaves support later must not turn this test red by itself.
    assert run(build(written), written, today=date(2026, 11, 21)) == []
