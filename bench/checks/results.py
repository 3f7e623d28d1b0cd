"""What every tool made of every case, kept as data: `results.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from bench.checks.saying import Outcome

FILE: Final = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One run: its day, the version of each tool, and outcomes by tool and form, then by the case's name.

    `digests` are those of the cases that the others were shown, by name: one that was written or changed since is to
    be shown to them again.
    """

    date: date
    versions: Mapping[str, str]
    digests: Mapping[str, str]
    table: Mapping[tuple[str, str], Mapping[str, Outcome]]


def save(found: Results, file: Path = FILE) -> None:
    """Write them, a case a paragraph, so that a difference shows which case changed."""
    cases: dict[str, dict[str, dict[str, Any]]] = {}
    for (tool, form), outcomes in sorted(found.table.items()):
        for name, one in outcomes.items():
            cases.setdefault(name, {}).setdefault(tool, {})[form] = one.as_json()
    tree = {
        "date": found.date.isoformat(),
        "versions": dict(found.versions),
        "digests": dict(sorted(found.digests.items())),
        "cases": dict(sorted(cases.items())),
    }
    file.write_text(_laid_out(tree), encoding="utf-8")


def load(file: Path = FILE) -> Results:
    """Read them."""
    tree = json.loads(file.read_text(encoding="utf-8"))
    table: dict[tuple[str, str], dict[str, Outcome]] = {}
    for name, tools in tree["cases"].items():
        for tool, forms in tools.items():
            for form, one in forms.items():
                table.setdefault((tool, form), {})[name] = Outcome.of(one)
    return Results(
        date=date.fromisoformat(tree["date"]),
        versions=tree["versions"],
        digests=tree["digests"],
        table=table,
    )


def _laid_out(tree: Mapping[str, Any]) -> str:
    """JSON with a line for each tool and form of a case."""
    head = [f' "{name}": {json.dumps(tree[name])},' for name in ("date", "versions")]
    digests = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in tree["digests"].items())
    cases = []
    for name, tools in tree["cases"].items():
        lines = [f"   {json.dumps(tool)}: {json.dumps(forms)}" for tool, forms in tools.items()]
        cases.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "\n".join(["{", *head, ' "digests": {', digests, " },", ' "cases": {', ",\n".join(cases), " }", "}"]) + "\n"
