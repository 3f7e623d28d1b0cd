"""`mainstay check`: what is wrong with a design, and which promises its parts keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay import checks, forecast
from mainstay.api._patches import suggesting
from mainstay.api._source import Kind, Loaded, load_all
from mainstay.checks.engine import Suggest
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Severity, in_order, worst
from mainstay.core.profiles import PROFILES
from mainstay.core.units import Duration
from mainstay.forecast import Cost, Promise
from mainstay.plan.intent import Intent, Suppression
from mainstay.plan.plan import Plan

if TYPE_CHECKING:
    from mainstay.forecast.cheaper import Saving


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Findings in the order in which to act, the promise that the design keeps, and what it costs.

    `stacks` are the names of those that were checked, empty for one that has none. `examined` are the rules that
    had something to look at, by id, with their summaries. `cheaper` is empty unless it was asked for.
    """

    source: str
    findings: Sequence[Finding]
    promise: Promise
    cost: Cost
    fail_on: Severity = Severity.ERROR
    stacks: tuple[str, ...] = ()
    examined: Mapping[str, str] = field(default_factory=dict)
    cheaper: Sequence[Saving] = ()

    @property
    def exit_code(self) -> int:
        """1 when a finding that nobody suppressed is at least as grave as `fail_on`."""
        gravest = worst(self.findings)
        return int(gravest is not None and gravest.rank <= self.fail_on.rank)

    def as_json(self) -> dict[str, object]:
        """`{"findings": [...], "promise": {...}, "cost": {...}, ...}`."""
        return {
            "source": self.source,
            "stacks": list(self.stacks),
            "findings": [finding.as_json() for finding in self.findings],
            "promise": self.promise.as_json(),
            "cost": self.cost.as_json(),
            "cheaper": [saving.as_json() for saving in self.cheaper],
            "exit_code": self.exit_code,
        }


def check(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    rpo: Duration | None = None,
    rto: Duration | None = None,
    suppressions: Path | None = None,
    judged_as: str | None = None,
    fail_on: Severity = Severity.ERROR,
    today: date | None = None,
    with_cheaper: bool = False,
) -> CheckResult:
    """Check a spec, a CloudFormation template, a folder that the CDK wrote, or what Terraform shows.

    `parameters` are values for a template's parameters; defaults hold for the rest. `rpo` and `rto` are objectives to
    judge by, instead of those that the file has. `suppressions` is a file of findings to live with, beside those of a
    spec; `judged_as` is the profile (dev, prod, ransomware) of what has none. `with_cheaper` tries what would be
    cheaper, which judges the design a few times more. Raises InputRefused when the file cannot be read as any of these;
    a finding is never raised.
    """
    asked = load_all(source, environment=environment, settings=settings, region=region, parameters=parameters or {})
    accepted = _accepted(suppressions)
    asked = [_accepting(_as_profile(loaded, judged_as), accepted) for loaded in asked]
    return check_loaded(source, asked, rpo=rpo, rto=rto, fail_on=fail_on, today=today, with_cheaper=with_cheaper)


def _as_profile(loaded: Loaded, profile: str | None) -> Loaded:
    """The same with the requirements of a profile. InputRefused for a spec, which has its own, and an unknown one."""
    if profile is None:
        return loaded
    if profile not in PROFILES:
        raise InputRefused("unknown profile", detail=f"'{profile}' is none.", hint=f"use one of: {', '.join(PROFILES)}")
    if loaded.kind is Kind.SPEC:
        raise InputRefused(
            "a spec has a profile",
            detail=f"{loaded.file} is designed by its own profile, {loaded.plan.intent.profile}.",
            hint=f"--set profile={profile} designs and checks it by another",
        )
    return _with(loaded, replace(loaded.plan.intent, profile=profile))


def _accepted(file: Path | None) -> tuple[Suppression, ...]:
    """What a file suppresses; nothing without one."""
    if file is None:
        return ()
    from mainstay.plan.passes.intent import lived_with  # lazy: a template's check needs no models otherwise
    from mainstay.spec.suppressions import load_suppressions  # lazy, as above

    return lived_with(load_suppressions(file))


def _accepting(loaded: Loaded, more: tuple[Suppression, ...]) -> Loaded:
    intent = loaded.plan.intent
    return _with(loaded, replace(intent, suppressions=(*intent.suppressions, *more)))


def _with(loaded: Loaded, intent: Intent) -> Loaded:
    return replace(loaded, plan=replace(loaded.plan, intent=intent))


def check_loaded(
    source: Path,
    asked: Sequence[Loaded],
    *,
    rpo: Duration | None = None,
    rto: Duration | None = None,
    fail_on: Severity = Severity.ERROR,
    today: date | None = None,
    with_cheaper: bool = False,
) -> CheckResult:
    """The answer about what was read from a source already; the rest is as in `check`."""
    found = [_held_to(loaded, rpo, rto) for loaded in asked]
    judged = [_judged(loaded, today, suggesting(loaded)) for loaded in found]
    return CheckResult(
        str(source),
        in_order(finding for findings, _ in judged for finding in findings),
        Promise(outcomes=tuple(outcome for _, promise in judged for outcome in promise.outcomes)),
        forecast.cost(_together(found), today=today),
        fail_on,
        tuple(region.stack for loaded in found for region in loaded.plan.regions),
        {rule.id: rule.summary for loaded in found for rule in checks.examined(loaded.plan)},
        tuple(saving for loaded in found for saving in _cheaper(loaded, today)) if with_cheaper else (),
    )


def _together(found: Sequence[Loaded]) -> Plan:
    """One plan of all stacks, for their bill; what was intended is that of the first."""
    regions = tuple(region for loaded in found for region in loaded.plan.regions)
    return Plan(regions=regions, intent=found[0].plan.intent)


def _held_to(loaded: Loaded, rpo: Duration | None, rto: Duration | None) -> Loaded:
    intent = loaded.plan.intent
    held = replace(intent, rpo=intent.rpo if rpo is None else rpo, rto=intent.rto if rto is None else rto)
    return _with(loaded, held)


def _cheaper(loaded: Loaded, today: date | None) -> tuple[Saving, ...]:
    from mainstay.forecast.cheaper import cheaper  # lazy: only --cost asks for it

    return cheaper(loaded.plan, lambda plan: _judged(replace(loaded, plan=plan), today)[0], today=today)


def _judged(loaded: Loaded, today: date | None, suggest: Suggest | None = None) -> tuple[list[Finding], Promise]:
    promise = forecast.promise(loaded.plan)
    objectives = forecast.judge(promise, loaded.plan.intent)
    findings = checks.run(loaded.plan, loaded.spec, beside=objectives, today=today, suggest=suggest)
    return [*loaded.remarks, *findings], promise
