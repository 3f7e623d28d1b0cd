"""A patch as a person reads it: short, with the path to its place, and never taken for markup."""

from __future__ import annotations

import io

from rich.console import Console

from mainstay.cli.views.findings import print_findings
from mainstay.core.findings import Finding, Harm, Severity
from mainstay.core.patches import Change, Language, Operation, Patch


def shown(*changes: Change) -> list[str]:
    patch = Patch(language=Language.YAML, changes=changes)
    finding = Finding(
        id="DB006",
        severity=Severity.ERROR,
        harm=Harm.DATA_LOSS,
        summary="it goes",
        detail="All.",
        hint="keep it",
        patch=patch,
    )
    text = io.StringIO()
    print_findings(Console(file=text, width=200, no_color=True, soft_wrap=True), [finding])
    return text.getvalue().splitlines()[3:]


def test_a_property_of_the_resource_that_is_named_above() -> None:
    path = ("Resources", "Db", "Properties", "MultiAZ")
    assert shown(Change(path=path, value=True)) == ["  write Properties MultiAZ: true"]
    assert shown(Change(path=path, operation=Operation.REMOVE)) == ["  remove Properties MultiAZ"]
    assert shown(Change(path=(*path[:2], "DeletionPolicy"), value="[a]")) == ["  write DeletionPolicy: '[a]'"]


def test_a_new_resource_is_cut_where_it_is_long() -> None:
    value = {f"K{number}": number for number in range(12)}
    lines = shown(Change(path=("Resources", "New"), operation=Operation.ADD, value=value))
    assert lines[:2] == ["  write Resources New:", "      K0: 0"]
    assert lines[-2:] == ["      K10: 10", "    … 1 more lines: --json"]
    assert len(shown(Change(path=("Resources", "New"), value={"A": 1}))) == 2
