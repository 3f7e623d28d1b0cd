"""Each row about words explains something that Terraform's tables really write, and nothing of that lacks its row."""

from __future__ import annotations

from collections import Counter

import pytest

from mainstay.formats import cloudformation, terraform
from mainstay.formats.differences import SAID
from mainstay.plan.resources import KINDS

ROWS = {row.path: (table.kind, row) for table in terraform.TABLES.values() for row in table.rows}


def mechanisms() -> set[str]:
    """Everything in the tables that says more, or says it elsewhere, than a row that both formats have."""
    found: set[str] = set()
    for table in terraform.TABLES.values():
        found |= {*table.derived, *(one.type_name for one in table.beside)}
        found |= {f"{table.type_name}.lifecycle.{name}" for name in table.ignores}
        found |= {row.path for row in table.rows if ".//." in row.path}
        found |= {f"{table.type_name}.{table.named}"} if table.named else set()
        found |= {f"{table.type_name}:reshaped"} if table.outward else set()
        found |= {f"{table.type_name}.lifecycle.prevent_destroy"} if table.is_precious else set()
    return found


def test_whatever_terraform_says_otherwise_has_one_row() -> None:
    explained = Counter(path for row in SAID for path in row.at)
    assert mechanisms()
    assert mechanisms() - explained.keys() == set()
    assert [path for path, times in explained.items() if times > 1] == []


@pytest.mark.parametrize("row", SAID, ids=lambda row: f"{row.kind}.{row.field}")
def test_a_row_still_makes_a_difference(row: object) -> None:
    (said,) = [one for one in SAID if one is row]
    for path in said.at:
        if path not in mechanisms():
            kind, ours = ROWS[path]
            theirs = next(one for one in cloudformation.TABLES[kind].rows if one.field == ours.field)
            assert theirs.codec != ours.codec, f"{path} is said alike"
    assert all((said.cloudformation, said.terraform, said.reason, said.source))
    assert {name.strip() for name in said.kind.split(",")} <= {kind.__name__ for kind in KINDS}
