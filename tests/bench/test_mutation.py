"""The mutants themselves: which there are, and that one is caught where a test notices it and nowhere else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from bench.mutation import __main__ as mutation
from bench.mutation.changes import mutants_of, unchanged

RULE = """
from __future__ import annotations
from dataclasses import dataclass
LEAST = 3

def _bad() -> int:
    return _sized(7)

def _good() -> int:
    return _sized(1)

def _sized(size: int) -> int:
    return size + 1

@dataclass(frozen=True)
class Bound:
    most: int = 9

def is_wrong(size: int | None) -> bool:
    if size is None:
        return False
    return not LEAST <= size < Bound().most
"""
TESTS = """
import sys
sys.path.insert(0, {folder!r})
from tiny import LEAST, is_wrong

def test_its_bounds():
    assert [is_wrong(size) for size in (2, 3, 9)] == [True, False, True]
    assert is_wrong(None) is False
    assert LEAST == 3
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "tiny.py").write_text(RULE)
    (tmp_path / "test_tiny.py").write_text(TESTS.format(folder=str(tmp_path)))
    return tmp_path


def test_every_comparison_and_guard_is_changed_and_examples_are_not(tiny: Path) -> None:
    found = [each.name.removeprefix("tiny.py ") for each in mutants_of(tiny / "tiny.py", tiny)]
    assert found == [
        "(module): LEAST = 3 → LEAST = 4",
        "(module): LEAST = 3 → LEAST = 2",
        "Bound: most: int = 9 → most: int = 10",
        "Bound: most: int = 9 → most: int = 8",
        "is_wrong: if size is None: return False → pass",
        "is_wrong: size is None → size is not None",
        "is_wrong: return False → return True",
        "is_wrong: not LEAST <= size < Bound().most → LEAST <= size < Bound().most",
        "is_wrong: LEAST <= size < Bound().most → LEAST < size < Bound().most",
        "is_wrong: LEAST <= size < Bound().most → LEAST > size < Bound().most",
        "is_wrong: LEAST <= size < Bound().most → LEAST <= size <= Bound().most",
        "is_wrong: LEAST <= size < Bound().most → LEAST <= size >= Bound().most",
    ]


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("x = a and b", ["x = a or b"]),
        ("x = a == b", ["x = a != b"]),
        ("x = a in b", ["x = a not in b"]),
        ("x = 1 if a else b", ["x = 2 if a else b", "x = 0 if a else b", "x = 1 if not a else b"]),
        ("x = [y for y in a if y]", ["x = [y for y in a if not y]", "x = [y for y in a if True]"]),
        ("while a:\n    raise b", ["while not a:\n    raise b"]),
        (
            "def f():\n    if a:\n        yield b",
            [f"def f():\n    if {to}:\n        yield b" for to in ("True", "not a")],
        ),
        ("x: Final[1] = a\nzip(a, b, strict=True)\nif TYPE_CHECKING:\n    y = 1", []),
        ("def _bad():\n    return y\ny = 5\n@rule(bad=_bad)\ndef f():\n    pass", []),
    ],
)
def test_each_change(line: str, others: list[str], tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(line)
    count = len(mutants_of(tmp_path / "one.py", tmp_path))
    made = [mutants_of(tmp_path / "one.py", tmp_path)[number] for number in range(count)]
    for each in made:
        each.compiled()  # which changes the tree
    assert sorted(ast.unparse(each.tree) for each in made) == sorted(others)
    still = unchanged(tmp_path / "one.py")
    still.compiled()
    assert ast.unparse(still.tree) == ast.unparse(ast.parse(line))


def test_what_no_test_notices_survives(tiny: Path) -> None:
    # In a process of its own: it holds a run of pytest, and forks.
    code = f"""
from pathlib import Path
from bench.mutation.__main__ import judged
from bench.mutation.changes import mutants_of
folder = Path({str(tiny)!r})
mutants = mutants_of(folder / "tiny.py", folder)
for each, is_caught in zip(mutants, judged(mutants, [folder]), strict=True):
    print(is_caught, each.name)
"""
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=mutation.ROOT, capture_output=True, text=True, timeout=100, check=True
    ).stdout.splitlines()
    # Nobody asks about 8: whether it is wrong tells a bound of 9 from one of 8.
    assert [line for line in said if line.startswith("False")] == ["False tiny.py Bound: most: int = 9 → most: int = 8"]
    assert len(said) == 12


def test_a_suite_that_fails_by_itself_judges_nothing(tiny: Path) -> None:
    (tiny / "test_tiny.py").write_text("def test_nothing():\n    assert False\n")
    code = f"""
from pathlib import Path
from bench.mutation.__main__ import judged
from bench.mutation.changes import unchanged
judged([unchanged(Path({str(tiny)!r}) / "tiny.py")], [Path({str(tiny)!r})])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=mutation.ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert "without any mutant these tests fail" in done.stderr
    assert done.returncode != 0


def test_the_table_leaves_out_what_makes_no_difference(tiny: Path) -> None:
    one, two, three, four, *_ = mutants_of(tiny / "tiny.py", tiny)
    verdicts = [
        mutation.Verdict(one, "keys", is_caught=True, is_equivalent=False),
        mutation.Verdict(two, "keys", is_caught=False, is_equivalent=False),
        mutation.Verdict(three, "stack", is_caught=False, is_equivalent=True),
        mutation.Verdict(four, "stack", is_caught=True, is_equivalent=True),
    ]
    assert mutation.table(verdicts).splitlines()[2:] == [
        "| keys | 2 | 1 | 0 | 1 | 50.0 % |",
        "| stack | 2 | 1 | 1 | 0 | 100.0 % |",
        "| all | 4 | 2 | 1 | 1 | 66.7 % |",
    ]


def test_what_is_equivalent_has_a_reason_and_is_a_mutant() -> None:
    assert mutation.equivalent("# head\n\nNo\nreason.\n  a\n  b: c → d\n\nAnother.\n  e") == {
        "a": "No reason.",
        "b: c → d": "No reason.",
        "e": "Another.",
    }
    listed = mutation.equivalent(mutation.EQUIVALENT.read_text(encoding="utf-8"))
    assert all(reason.endswith(".") for reason in listed.values())
    there = {each.name for path in mutation.sources(()) for each in mutants_of(path, mutation.SOURCE)}
    assert sorted(listed.keys() - there) == []
