"""`mainstay check --fix`: write into a spec what findings say it should read, where that heals and hurts nothing."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mainstay.api._check import CheckResult, check_loaded
from mainstay.api._source import Kind, kind_of, load_spec
from mainstay.api._synth import write_whole
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Severity
from mainstay.core.patches import Patch
from mainstay.core.units import Duration
from mainstay.formats.editing import CannotEdit, edited
from mainstay.spec.layers import environments_of
from mainstay.spec.yaml_tree import parse

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Left:
    """A finding whose patch was not written, and why."""

    finding: Finding
    reason: str

    def as_json(self) -> dict[str, object]:
        """`{"finding": {...}, "reason": ...}`."""
        return {"finding": self.finding.as_json(), "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResult:
    """What was changed (`fixed`, `diff`), what was not (`left`), and the answer about what stands in the file now."""

    check: CheckResult
    fixed: Sequence[Finding]
    left: Sequence[Left]
    diff: str
    is_written: bool

    @property
    def exit_code(self) -> int:
        """That of the check of what stands in the file now."""
        return self.check.exit_code

    def as_json(self) -> dict[str, object]:
        """`{"fixed": [...], "left": [...], "diff": ..., "is_written": ..., "check": {...}}`."""
        return {
            "fixed": [finding.as_json() for finding in self.fixed],
            "left": [one.as_json() for one in self.left],
            "diff": self.diff,
            "is_written": self.is_written,
            "check": self.check.as_json(),
            "exit_code": self.exit_code,
        }


def fix(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    rpo: Duration | None = None,
    rto: Duration | None = None,
    fail_on: Severity = Severity.ERROR,
    today: date | None = None,
    with_cheaper: bool = False,
    write: bool = True,
) -> FixResult:
    """Write the patches of a spec's findings into it, one after the other; without `write` only say what would be.

    A patch counts that leaves the spec valid in each of its environments, makes its finding go away and brings no
    finding of severity error anywhere. Comments, order and every other byte stay; the file is replaced whole.
    InputRefused for what is no spec.
    """
    if (kind := kind_of(source)) is not Kind.SPEC:
        what = "a folder" if source.is_dir() else kind.value
        raise InputRefused(
            "only a spec is fixed",
            detail=f"{source} is {what}, which somebody else's tool may write again.",
            hint="mainstay check shows what to write where; --json and --format sarif have it for other tools",
        )

    def check(text: str, name: str | None, *, is_last: bool = False) -> CheckResult:
        loaded = load_spec(source, environment=name, settings=settings, region=region, text=text)
        with_all = is_last and with_cheaper
        return check_loaded(source, [loaded], rpo=rpo, rto=rto, fail_on=fail_on, today=today, with_cheaper=with_all)

    file = _File(source)
    healing = _Healing(check, file.text, environment)
    healing.run()
    diff = file.diff(healing.text)
    if write and diff:
        file.write(healing.text)
    stands = check(healing.text if write else file.text, environment, is_last=True)
    return FixResult(check=stands, fixed=healing.fixed, left=healing.left, diff=diff, is_written=bool(write and diff))


class _Healing:
    """The text of a spec on its way, with what was patched in it and what was left."""

    def __init__(self, check: Callable[[str, str | None], CheckResult], text: str, environment: str | None) -> None:
        self.text = text
        self.fixed: list[Finding] = []
        self.left: list[Left] = []
        self._check = check
        self._environment = environment
        tree = parse(text, "")
        self._others = [name for name in environments_of(tree) if name != environment]

    def run(self) -> None:
        """Patch after patch, the gravest finding first; it ends, as no patch is tried twice."""
        tried: set[tuple[str, str, str]] = set()
        while True:
            known = self._errors(self.text)
            findings = self._check(self.text, self._environment).findings
            waiting = [(one, one.patch) for one in findings if one.patch and one.suppressed is None]
            found = next((each for each in waiting if _id(each[0]) not in tried), None)
            if found is None:
                return
            tried.add(_id(found[0]))
            self._try(*found, known)

    def _try(self, finding: Finding, patch: Patch, known: set[str]) -> None:
        try:
            text = edited(self.text, patch.changes)
            after = self._check(text, self._environment)
            fresh = self._errors(text) - known
        except CannotEdit as error:
            self.left.append(Left(finding, f"its place in the file cannot be told: {error}"))
        except InputRefused as error:
            self.left.append(Left(finding, f"the spec would be refused: {error.detail.splitlines()[-1]}"))
        else:
            if fresh:
                self.left.append(Left(finding, f"it would bring {', '.join(sorted(fresh))}"))
            elif _id(finding) in {_id(one) for one in after.findings}:
                self.left.append(Left(finding, "the finding would stay"))
            else:
                self.text = text
                self.fixed.append(finding)

    def _errors(self, text: str) -> set[str]:
        """The findings of severity error in every environment, as a person would name them."""
        return {error for name in (self._environment, *self._others) for error in self._errors_in(text, name)}

    def _errors_in(self, text: str, name: str | None) -> Iterator[str]:
        where = f" in {name}" if name else ""
        try:
            found = self._check(text, name).findings
        except InputRefused as error:
            if name == self._environment:
                raise
            yield f"'{error.summary}'{where}"
        else:
            grave = (one for one in found if one.severity is Severity.ERROR and one.suppressed is None)
            yield from (f"{one.id} on {one.subject}{where}" for one in grave)


def _id(finding: Finding) -> tuple[str, str, str]:
    return finding.id, finding.subject, finding.hint


class _File:
    """A file's text with line feeds, and the way back to how it was written."""

    def __init__(self, source: Path) -> None:
        # Whoever keeps a link to a spec wants to keep the link.
        self.path = source.resolve()
        self.name = str(source)
        raw = self.path.read_bytes().decode("utf-8")
        self._bom = _BOM if raw.startswith(_BOM) else ""
        body = raw.removeprefix(_BOM)
        self._line_end = "\r\n" if "\r\n" in body and "\n" not in body.replace("\r\n", "") else "\n"
        self.text = body.replace(self._line_end, "\n")

    def diff(self, text: str) -> str:
        """What a new text changes, as `diff -u` shows it."""
        before, after = (each.splitlines(keepends=True) for each in (self.text, text))
        return "".join(
            line if line.endswith("\n") else f"{line}\n"
            for line in difflib.unified_diff(before, after, self.name, self.name)
        )

    def write(self, text: str) -> None:
        """Put the new text in the place of the old one, with its line ends and permissions."""
        mode = self.path.stat().st_mode
        write_whole(self.path, self._bom + text.replace("\n", self._line_end))
        self.path.chmod(mode)
