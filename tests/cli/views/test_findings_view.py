"""Findings on a terminal of 80 columns, and in a pipe."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mainstay.cli.views.errors import error_view
from mainstay.cli.views.findings import print_findings
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Harm, Severity

WORDS = "[one] sentence of " + "several " * 20 + "words"


def finding(detail: str = WORDS) -> Finding:
    return Finding(
        id="DB006",
        severity=Severity.WARNING,
        harm=Harm.DATA_LOSS,
        summary="deletion protection is off",
        detail=detail,
        hint="set it, " * 20 + "all",
    )


def shown(*, is_terminal: bool) -> list[str]:
    out = io.StringIO()
    print_findings(
        Console(file=out, width=80, soft_wrap=True, force_terminal=is_terminal, color_system=None), [finding()]
    )
    return out.getvalue().splitlines()


def test_a_terminal_gets_its_lines_broken_between_words() -> None:
    lines = shown(is_terminal=True)
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])
    assert " ".join(line.strip() for line in lines[1:]) == f"{WORDS} fix {finding().hint}"


def test_a_pipe_gets_each_sentence_in_one_line() -> None:
    assert shown(is_terminal=False)[1:] == [f"  {WORDS}", f"  fix {finding().hint}"]


@pytest.mark.parametrize("detail", ["shop.yaml: 2 faults.", "shop.yaml:7: RDS creates no such version. (write 18)"])
def test_the_only_fault_of_a_spec_is_said_once(capsys: pytest.CaptureFixture[str], detail: str) -> None:
    error_view(InputRefused("spec refused", detail=detail, hint="", findings=[finding("RDS creates no such version.")]))
    err = capsys.readouterr().err
    assert err.count("RDS creates no such version.") == 1
    assert ("2 faults" in err) is ("2 faults" in detail)
