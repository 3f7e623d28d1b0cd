"""`mainstay check` over several files at once, and its answer in the words of other tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.api._check import CheckResult
from mainstay.checks.registry import find
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Harm, Origin, Severity, in_order
from mainstay.report import findings as forms

UNREADABLE: Final = "MS005"


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that cannot be checked as it is, and why."""

    source: str
    error: InputRefused

    @property
    def examined(self) -> Mapping[str, str]:
        """No rule was asked."""
        return {}

    @property
    def exit_code(self) -> int:
        """That of the refusal."""
        return self.error.exit_code

    @property
    def findings(self) -> Sequence[Finding]:
        """Every fault that was seen in it; one that says why it cannot be read where there is none."""
        if self.error.findings:
            return self.error.findings
        unreadable = Finding(
            id=UNREADABLE,
            severity=Severity.ERROR,
            harm=Harm.REJECTED,
            summary=self.error.summary,
            detail=self.error.detail,
            hint=self.error.hint,
            origin=Origin(self.source),
        )
        return (unreadable,)

    def as_json(self) -> dict[str, object]:
        """`{"source": ..., "error": {...}, "exit_code": 2}`."""
        return {"source": self.source, "error": self.error.as_json(), "exit_code": self.exit_code}


@dataclass(frozen=True, slots=True)
class ChecksResult:
    """The answers in the order of the files."""

    results: Sequence[CheckResult | Refused]
    fail_on: Severity = Severity.ERROR

    @property
    def exit_code(self) -> int:
        """The gravest of them: 2 where a file was refused, else 1 where a finding counts."""
        return max((one.exit_code for one in self.results), default=0)

    @property
    def findings(self) -> Sequence[Finding]:
        """Those of all files, in the order in which to act."""
        return in_order(finding for one in self.results for finding in one.findings)

    @property
    def _suites(self) -> list[forms.Suite]:
        return [forms.Suite(one.source, in_order(one.findings), one.examined) for one in self.results]

    def as_json(self) -> dict[str, object]:
        """`{"checked": [...], "exit_code": ...}`, an answer or a refusal a file."""
        return {"checked": [one.as_json() for one in self.results], "exit_code": self.exit_code}

    def in_form(self, form: str) -> str:
        """The answer in a form for another tool: sarif, junit or github; InputRefused names them."""
        known: dict[str, Callable[[], str]] = {
            "sarif": self.as_sarif,
            "junit": self.as_junit,
            "github": self.as_github,
        }
        if form not in known:
            raise InputRefused("unknown form", detail=f"'{form}' is none.", hint=f"use one of: {', '.join(known)}")
        return known[form]()

    def as_sarif(self) -> str:
        """One SARIF 2.1.0 log."""
        rules = {rule.id: rule for rule in map(find, {finding.id for finding in self.findings}) if rule}
        about = {name: forms.About(rule.severity, rule.reason, rule.source) for name, rule in rules.items()}
        log = forms.sarif(self._suites, rules=about)
        return json.dumps(log, indent=2, ensure_ascii=False) + "\n"

    def as_junit(self) -> str:
        """One JUnit document, a suite a file."""
        return forms.junit(self._suites, fail_on=self.fail_on)

    def as_github(self) -> str:
        """Annotations, a line each."""
        return forms.github(self._suites)


def check_all(sources: Sequence[Path], check: Callable[[Path], CheckResult]) -> ChecksResult:
    """Each file by `check`; a file that is refused does not keep the others from being looked at."""
    results: list[CheckResult | Refused] = []
    for source in sources:
        try:
            results.append(check(source))
        except InputRefused as error:
            results.append(Refused(str(source), error))
    return ChecksResult(results, next((one.fail_on for one in results if isinstance(one, CheckResult)), Severity.ERROR))
