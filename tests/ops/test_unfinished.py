"""What an operator who looks at a stack is told of runs that were stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.ops.journal import Journal
from mainstay.ops.unfinished import unfinished

HOME, THERE = "eu-central-1", "eu-west-1"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_a_drill_that_was_stopped_is_named_with_the_command_that_goes_on(journal: Journal) -> None:
    run = journal.begin("drill", "shop-db", stack="shop")
    run.write("step", number=9, name="Verify the data")
    told = unfinished(journal, "shop", HOME, is_first=True)
    assert list(told) == [run.id]
    assert told[run.id].startswith("drill: Verify the data, last heard of at 20")
    assert told[run.id].endswith("Z; mainstay drill goes on with it")
    assert unfinished(journal, "shop", THERE, is_first=False) == {}
    assert unfinished(journal, "another", HOME, is_first=True) == {}
    run.finish("PROVEN")
    assert unfinished(journal, "shop", HOME, is_first=True) == {}


@pytest.mark.parametrize(
    ("operation", "subject", "words"),
    [
        ("drill", f"shop-db in {THERE}", f"mainstay drill --from-region {THERE} goes on with it"),
        ("failover", f"shop-db into {THERE}", f"mainstay failover --to-region {THERE} goes on with it"),
    ],
)
def test_one_in_the_second_region_is_named_there_and_in_the_first(
    journal: Journal, operation: str, subject: str, words: str
) -> None:
    run = journal.begin(operation, subject, stack="shop")
    for region, is_first in ((HOME, True), (THERE, False)):
        told = unfinished(journal, "shop", region, is_first=is_first)[run.id]
        assert told.startswith(f"{operation} in {THERE}: begun, ")
        assert told.endswith(words)
    assert unfinished(journal, "shop", "us-east-1", is_first=False) == {}


def test_runs_of_the_stack_and_of_its_swaps_are_named(journal: Journal) -> None:
    swap = journal.begin("generation", "shop")
    swap.finish("swapped")
    deploying = journal.begin("deploy", "shop")
    undoing = journal.begin("undo", swap.id)
    journal.begin("undo", "20200101t000000z-abcdef")
    told = unfinished(journal, "shop", HOME, is_first=True)
    assert set(told) == {deploying.id, undoing.id}
    assert told[deploying.id].endswith("; the same command goes on with it")
    assert set(unfinished(journal, "shop", THERE, is_first=False)) == {deploying.id}
