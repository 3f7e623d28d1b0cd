"""`docs/conflicts.md`: the features that exclude each other, and who refuses them, read off table and rules."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.checks.registry import all_rules

_HEAD = """\
# Features that exclude each other

Generated from `mainstay.facts` and `mainstay.checks`; do not edit. A refusal of a spec (SP…) and a rule of
`mainstay check` take their reason and their source from this table. A spec refuses what it can say; the rest stands in
templates and modules only. [docs/rules.md](rules.md) tells more about each rule.

| this | with this | refused by |
|---|---|---|
"""


def rules_of(name: str) -> list[str]:
    """The ids of the rules that hold a plan against this row of the table."""
    return [rule.id for rule in all_rules() if name in rule.conflicts]


def render() -> str:
    """The whole document, Markdown, ending in a newline."""
    rows = [f"| {' | '.join(one.features)} | {_refused_by(one)} |" for one in facts.conflicts()]
    sections = [line for one in facts.conflicts() for line in _section(one)]
    return _HEAD + "\n".join([*rows, *sections]) + "\n"


def _refused_by(one: facts.Conflict) -> str:
    rules = [f"[{name}](rules.md#{name.lower()})" for name in rules_of(one.id)]
    return ", ".join([*([one.spec_fault] if one.spec_fault else []), *rules])


def _section(one: facts.Conflict) -> Iterator[str]:
    yield f"\n## {one.id}\n"
    yield f"{one.why}\n"
    yield f"- Instead: {one.instead}"
    yield f"- Refused by: {_refused_by(one)}"
    yield f"- Source: {one.citation}; confidence {one.confidence}"
