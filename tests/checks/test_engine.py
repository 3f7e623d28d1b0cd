"""The engine: origins, crashes, regions, order, the same fault once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mainstay import checks, facts
from mainstay.checks import Fault, Rule, Scene, examine, examined, rule, run
from mainstay.checks.examples import database, group, plan_of, replica, settings
from mainstay.core.findings import Finding, Harm, Origin, Severity
from mainstay.core.patches import Language, Patch
from mainstay.core.units import Bytes
from mainstay.plan.intent import Intent, Suppression
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, SecurityGroup
from mainstay.plan.values import Ref

TODAY = date(2026, 11, 20)


@rule(
    id="XX001",
    severity=Severity.ERROR,
    harm=Harm.OUTAGE,
    summary="it trips",
    source="a test (2026-11-20)",
    applies_to=(DbInstance,),
    bad=plan_of,
    good=plan_of,
)
def tripping(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """It says one thing of the first instance and trips over the second."""
    if db.key == "Replica":
        raise KeyError("nothing there")
    yield Fault(db, "said", "do")


def test_the_decorator_builds_a_rule() -> None:
    assert isinstance(tripping, Rule)
    assert tripping.reason == "It says one thing of the first instance and trips over the second."
    assert tripping.module == __name__


def test_a_crash_is_a_finding_and_the_others_still_speak() -> None:
    said, crashed = examine(tripping, plan_of(database(), replica()), today=TODAY)
    assert (said.id, said.detail, said.hint, said.subject) == ("XX001", "said", "do", "Database")
    assert said.as_json()["reality"] == tripping.reason
    assert crashed.as_json()["reality"] is None
    assert (crashed.id, crashed.severity, crashed.subject) == ("MS001", Severity.WARNING, "Replica")
    assert "KeyError: 'nothing there'" in crashed.detail
    assert "XX001" in crashed.detail


def test_a_crash_inside_run_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> Iterator[Fault]:
        raise RuntimeError("boom")

    first, *rest = checks.registry.FAMILIES[0].rules
    monkeypatch.setattr("mainstay.checks.database.RULES", (replace(first, judge=explode), *rest))
    ids = [finding.id for finding in run(plan_of(database(has_deletion_protection=False)), today=TODAY)]
    assert ids == ["DB006", "MS001"]


def test_a_finding_carries_where_it_was_written() -> None:
    plan = plan_of(database(has_deletion_protection=False, origin=Origin("template.yaml", 12, 3)))
    (finding,) = run(plan, today=TODAY)
    assert str(finding.origin) == "template.yaml:12"
    assert finding.as_json()["line"] == 12


def test_what_somebody_wrote_is_quoted_within_bounds() -> None:
    def faulty(db: DbInstance, scene: Scene) -> Iterator[Fault]:
        yield Fault(db, "x" * 4_000, "do")
        yield Fault(db, "x" * 4_001, "do")

    found = examine(replace(tripping, judge=faulty), plan_of(database()), today=TODAY)
    assert [one.detail[-2:] for one in found] == ["xx", "x…"]


@pytest.mark.parametrize(("field", "line"), [("port", 7), ("engine", 5), ("", 5)])
def test_a_fault_of_a_field_is_found_at_its_line(field: str, line: int) -> None:
    def faulty(db: DbInstance, scene: Scene) -> Iterator[Fault]:
        yield Fault(db, "said", "do", field=field)

    def inner(part: str) -> Origin | None:
        return Origin("t.yaml", 7, 9) if part == "port" else None

    plan = plan_of(database(origin=Origin("t.yaml", 5, 3, inner)))
    (finding,) = examine(replace(tripping, judge=faulty), plan, today=TODAY)
    assert finding.origin == Origin("t.yaml", line, 9 if line == 7 else 3)


def test_a_shared_fault_is_said_once() -> None:
    plan = plan_of(
        database(parameter_group=Ref("Settings")),
        replica(),
        settings(shared_buffers="1048576"),
    )
    assert [finding.id for finding in run(plan, today=TODAY)] == ["DB024"]


def test_every_region_is_judged() -> None:
    bad = database(has_deletion_protection=False)
    one, two = plan_of(bad).regions[0], plan_of(bad, region="eu-west-1").regions[0]
    findings = run(Plan(regions=(one, replace(two, resources=(replace(bad, key="Other"),)))), today=TODAY)
    assert [finding.subject for finding in findings] == ["Database", "Other"]


def test_findings_come_in_reading_order() -> None:
    plan = plan_of(
        database(has_deletion_protection=False, storage=Bytes.gib(100), max_storage=Bytes.gib(101), on_replace=None),
        intent=Intent(suppressions=(Suppression(rule="DB004", reason="a trial"),)),
    )
    findings = run(plan, today=TODAY)
    assert [finding.id for finding in findings] == ["DB014", "DB006", "DB004"]
    assert findings[-1].suppressed == "a trial"


def test_today_is_today_when_nothing_is_said() -> None:
    assert run(plan_of(database(engine_version="11.22-rds.20260514"))) != []


def test_facts_are_old_after_a_year() -> None:
    oldest = min(facts.load(name).date for name in ("versions", "lifecycle", "prices"))
    assert run(plan_of(), today=oldest + timedelta(days=365)) == []
    (finding,) = run(plan_of(), today=oldest + timedelta(days=366))
    assert (finding.id, finding.severity) == ("MS006", Severity.INFO)
    assert f"was checked on {oldest}" in finding.detail


def test_what_is_examined_is_what_has_something_to_look_at() -> None:
    looked = examined(plan_of(group()))
    assert "NW001" in {rule.id for rule in looked}
    assert all(issubclass(SecurityGroup, rule.applies_to) for rule in looked)
    assert examined(plan_of()) == []


@pytest.mark.parametrize("has_row", [True, False])
def test_the_reason_and_the_source_of_a_rule_come_from_its_row_too(has_row: bool) -> None:
    row = facts.conflicts()[0]
    made = rule(
        id="XX002",
        severity=Severity.ERROR,
        harm=Harm.OUTAGE,
        summary="two things",
        source="" if has_row else "a test (2026-11-20)",
        conflicts=(row.id,) if has_row else (),
        applies_to=(DbInstance,),
        bad=plan_of,
        good=plan_of,
    )
    silent, speaking = made(lambda db, scene: ()), made(tripping.judge)
    assert silent.source == (row.citation if has_row else "a test (2026-11-20)")
    assert silent.reason == (row.why if has_row else "")
    assert speaking.reason == " ".join([*([row.why] if has_row else []), tripping.reason])


def test_an_empty_plan_has_no_findings() -> None:
    assert run(plan_of(), today=TODAY) == []


def test_a_patch_that_cannot_be_worded_takes_no_finding_away() -> None:
    plan = plan_of(database(has_deletion_protection=False))
    patch = Patch(language=Language.YAML, changes=())

    def lost(*_: object) -> Patch | None:
        raise AttributeError("something that nobody can write")

    for suggest, found in ((None, None), (lambda *_: patch, patch), (lost, None)):
        (finding,) = run(plan, today=date(2026, 11, 20), suggest=suggest)
        assert (finding.id, finding.patch) == ("DB006", found)


def test_what_others_find_is_suppressed_as_well() -> None:
    late = Finding(
        id="FC001",
        severity=Severity.ERROR,
        harm=Harm.UNPROTECTED,
        summary="s",
        detail="d",
        hint="h",
        subject="Database",
    )
    plan = replace(
        plan_of(database()),
        intent=Intent(suppressions=(Suppression(rule="FC001", resource="Database", reason="agreed"),)),
    )
    said = [one for one in run(plan, beside=[late], today=TODAY) if one.id in ("FC001", "MS003")]
    assert [(one.id, one.suppressed) for one in said] == [("FC001", "agreed")]
    assert [one.suppressed for one in run(plan_of(database()), beside=[late], today=TODAY) if one.id == "FC001"] == [
        None
    ]
