"""Errors: one shape, an exit code each, nothing lost in JSON."""

from __future__ import annotations

import pytest

from mainstay.core import errors
from mainstay.core.errors import InputRefused, MainstayError
from mainstay.core.findings import Finding, Harm, Severity

CODES = {
    "MainstayError": 70,
    "InputRefused": 2,
    "AnswerIsNo": 1,
    "Inconclusive": 3,
    "TargetRefused": 4,
    "NotFound": 4,
    "Busy": 5,
    "EnvironmentLacking": 6,
    "CredentialsEnded": 75,
    "Interrupted": 130,
}


def test_the_tree_is_whole_and_drawn_at_the_top() -> None:
    tree = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, MainstayError)
    }
    assert tree == CODES
    drawn = errors.__doc__ or ""
    assert [name for name, code in CODES.items() if name not in drawn or str(code) not in drawn] == []


@pytest.mark.parametrize("name", CODES)
def test_every_error_has_one_shape(name: str) -> None:
    error = getattr(errors, name)("disk full", detail="2 MiB left.\non /data", hint="free some")
    assert str(error) == "disk full\n  2 MiB left.\n  on /data\n  hint: free some"
    document = error.as_json()
    assert document["kind"] == name
    assert document["exit_code"] == CODES[name]


def test_refused_input_carries_its_findings() -> None:
    finding = Finding(id="SP001", severity=Severity.ERROR, harm=Harm.REJECTED, summary="s", detail="d", hint="h")
    refused = InputRefused("spec refused", findings=[finding])
    assert refused.findings == (finding,)
    assert refused.as_json()["findings"] == [finding.as_json()]
    assert str(refused) == "spec refused"
