"""`python -m bench.mutation [--family NAME …] [--sample N] [--seed N]`: survivors, then a table by family.

Nothing is written but to the terminal. `equivalent.txt` lists the mutants that no input can tell from the rule.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bench.mutation.changes import Mutant, mutants_of, unchanged
from bench.mutation.judging import Judge, MutationStopped

ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "src" / "mainstay"
ROOMS: Final = ("checks", "forecast")
EQUIVALENT: Final = Path(__file__).parent / "equivalent.txt"
SHARED: Final = "shared"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    family: str
    is_caught: bool
    is_equivalent: bool


def judged(mutants: Sequence[Mutant], tests: Sequence[Path], *, jobs: int = 2, is_loud: bool = False) -> list[bool]:
    """Whether the tests of some folders notice each mutant. Raises MutationStopped when they fail without one."""
    controls = [unchanged(file) for file in dict.fromkeys(each.file for each in mutants)]
    judge = Judge([*controls, *mutants], len(controls), ("mainstay.", "tests.", "test_"), jobs, is_loud=is_loud)
    # The project's settings, without what they say of the screen.
    words = [*map(str, tests), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "--import-mode=importlib"]
    words += ["-o", "addopts=", "--capture=no", "-p", "no:cacheprovider", "-p", "no:terminal"]
    code = pytest.main(words, plugins=[judge])
    if judge.trouble or not judge.caught:
        raise MutationStopped(judge.trouble or f"pytest ended with {code}")
    if any(wrong := judge.caught[: len(controls)]):
        raise MutationStopped(f"without a change it is caught: {controls[wrong.index(True)].file}")
    return judge.caught[len(controls) :]


def sources(families: Sequence[str]) -> list[Path]:
    """The files of rules, and what they share, and of the forecast: of some families or of all."""
    found = [path for room in ROOMS for path in sorted((SOURCE / room).rglob("*.py")) if path.name != "examples.py"]
    return [path for path in found if not families or family_of(path) in families]


def family_of(path: Path) -> str:
    """The folder of a rule; what stands beside the folders is shared by them. The forecast is one family."""
    return SHARED if path.parent == SOURCE / "checks" else path.parent.name


def tests_of(mutants: Iterable[Mutant]) -> list[Path]:
    """The folders of tests of the rooms that mutants are of."""
    rooms = {each.file.relative_to(SOURCE).parts[0] for each in mutants}
    return [ROOT / "tests" / room for room in ROOMS if room in rooms]


def equivalent(text: str) -> dict[str, str]:
    """Each mutant that is none, with the reason: paragraphs of a reason at the margin, its mutants indented."""
    found: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        reason = " ".join(line for line in lines if not line.startswith(" "))
        found |= {line.strip(): reason for line in lines if line.startswith(" ")}
    return found


def table(verdicts: Iterable[Verdict]) -> str:
    """Mutants, caught, equivalent, survivors and share by family, as Markdown."""
    counts: dict[str, Counter[str]] = {}
    for one in verdicts:
        for name in (one.family, "all"):
            count = counts.setdefault(name, Counter())
            count.update(mutants=1, caught=one.is_caught, equivalent=one.is_equivalent and not one.is_caught)
    names = [*sorted(name for name in counts if name != "all"), "all"]
    rows = [_row(name, counts[name]) for name in names if name in counts]
    head = "| family | mutants | caught | no difference | survive | caught of those that differ |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _row(name: str, count: Counter[str]) -> str:
    differ = count["mutants"] - count["equivalent"]
    share = f"{100 * count['caught'] / differ:.1f} %" if differ else "-"
    cells = (name, count["mutants"], count["caught"], count["equivalent"], differ - count["caught"], share)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def main(words: Sequence[str]) -> None:
    """Judge, and print survivors and the table."""
    asked = _asked(words)
    mutants = [each for path in sources(asked.family) for each in mutants_of(path, SOURCE)]
    known = equivalent(EQUIVALENT.read_text(encoding="utf-8"))
    gone = known.keys() - {each.name for each in mutants} if not asked.family else set()
    if asked.sample:
        mutants = sorted(random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants))), key=_place)
    caught = judged(mutants, tests_of(mutants), jobs=asked.jobs, is_loud=asked.loud)
    verdicts = [
        Verdict(each, family_of(each.file), is_caught, each.name in known)
        for each, is_caught in zip(mutants, caught, strict=True)
    ]
    for one in verdicts:
        if not one.is_caught and not one.is_equivalent:
            file = one.mutant.file.relative_to(ROOT)
            print(f"{file}:{one.mutant.line}  {one.mutant.name.partition(' ')[2]}")
    stale = sorted(gone | {one.mutant.name for one in verdicts if one.is_caught and one.is_equivalent})
    for name in stale:
        print(f"equivalent.txt lists what is caught, or is no mutant: {name}")
    print(table(verdicts))


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    families = sorted({family_of(path) for path in sources(())})
    parser.add_argument("--family", action="append", default=[], choices=families)
    parser.add_argument("--sample", type=int, default=0, help="this many of the mutants, by chance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--loud", action="store_true", help="show what the tests print")
    return parser.parse_args(words)


def _place(mutant: Mutant) -> tuple[Path, int, str]:
    return mutant.file, mutant.line, mutant.name


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except MutationStopped as stop:
        sys.exit(str(stop))
