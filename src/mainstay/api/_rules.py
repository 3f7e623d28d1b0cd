"""`mainstay rules` and `mainstay explain`: what is looked for, and each rule taught by its two examples."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from mainstay.checks.elsewhere import said_elsewhere
from mainstay.checks.lesson import lesson
from mainstay.checks.registry import FAMILIES, all_rules, find
from mainstay.checks.rule import Rule
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Harm
from mainstay.formats import cloudformation
from mainstay.plan.plan import Plan

_CONTEXT = 3  # lines around a difference, as diff shows them
_ABOUT_DESIGN = "Intent"  # beside the resources: profile, objectives, drills
_BESIDE = ("Parameters", "Outputs")


@dataclass(frozen=True, slots=True)
class RulesResult:
    """Rules by family, in the order in which they are asked."""

    rules: Mapping[str, Sequence[Rule]]

    def as_json(self) -> dict[str, object]:
        """`{"rules": [{"id": ..., "family": ...}]}`."""
        return {"rules": [{**_card(rule), "family": family} for family, rules in self.rules.items() for rule in rules]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainResult:
    """A rule with what it says about its bad example, and what turns that one into the good one.

    `changes` are lines as `diff` writes them, by the resource that differs. Where it `has_patch`, a finding says what
    to write.
    """

    rule: Rule
    detail: str
    hint: str
    bad: str
    good: str
    changes: Mapping[str, Sequence[str]]
    has_patch: bool

    def as_json(self) -> dict[str, object]:
        """The rule, its examples and the difference."""
        return {
            **_card(self.rule),
            "reason": self.rule.reason,
            "fires_on": self.bad,
            "detail": self.detail,
            "hint": self.hint,
            "has_patch": self.has_patch,
            "does_not_fire_on": self.good,
            "changes": {name: list(lines) for name, lines in self.changes.items()},
        }


def rules(*, family: str | None = None, harm: str | None = None) -> RulesResult:
    """The rules, all of them or those of a family or against a harm. Raises InputRefused for an unknown one."""
    _known(family, [each.name for each in FAMILIES], "family")
    _known(harm, list(Harm), "harm")
    chosen = [each for each in FAMILIES if family in (None, each.name)]
    found = {each.name: [rule for rule in each.rules if harm in (None, rule.harm)] for each in chosen}
    return RulesResult({name: rules for name, rules in found.items() if rules})


def explain(name: str) -> ExplainResult:
    """One rule, taught by its examples. Raises InputRefused when no rule has that id."""
    rule = find(name.upper())
    if rule is None:
        known = said_elsewhere(name.upper())
        near = difflib.get_close_matches(name.upper(), [each.id for each in all_rules()], n=1, cutoff=0.5)
        raise InputRefused(
            "unknown rule",
            detail=known or f"There is no rule '{name}'.",
            hint=f"did you mean {near[0]}?" if near and not known else "`mainstay rules` lists them",
        )
    taught = lesson(rule)
    return ExplainResult(
        rule=rule,
        detail=taught.detail,
        hint=taught.hint,
        bad=taught.bad,
        good=taught.good,
        changes=_changes(rule.bad(), rule.good()),
        has_patch=taught.has_patch,
    )


def _card(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity.value,
        "harm": rule.harm.value,
        "summary": rule.summary,
        "kinds": [kind.__name__ for kind in rule.applies_to],
        "source": rule.source,
    }


def _known(asked: str | None, names: Sequence[str], what: str) -> None:
    if asked is not None and asked not in names:
        raise InputRefused(f"unknown {what}", detail=f"'{asked}' is none.", hint=f"use one of: {', '.join(names)}")


def _changes(bad: Plan, good: Plan) -> dict[str, list[str]]:
    before, after = _written(bad), _written(good)
    names = dict.fromkeys([*before, *after])
    return {
        name: _difference(before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name) != after.get(name)
    }


def _written(plan: Plan) -> dict[str, str]:
    """Each resource of a plan, and what stands beside them, as YAML of a template."""
    written: dict[str, str] = {}
    for region, text in zip(plan.regions, cloudformation.render(plan).values(), strict=True):
        template = json.loads(text)
        parts = {_ABOUT_DESIGN: template["Metadata"]["Mainstay"]["Intent"], **template.get("Resources", {})}
        parts |= {section: template[section] for section in _BESIDE if section in template}
        where = f"{region.region} " if len(plan.regions) > 1 else ""
        written |= {where + name: yaml.safe_dump(part, sort_keys=False, width=100) for name, part in parts.items()}
    return written


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=_CONTEXT, lineterm="")
    return ["…" if line.startswith("@@") else line for line in list(lines)[3:]]
