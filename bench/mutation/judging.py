"""Run the tests once to see which reach what, then a part of them for each mutant, in processes that begin warm.

pytest collects everything once. From there each mutant is a forked child: it plants its change and runs the tests that
reach the changed function, those of the same name first, until one fails.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Final

import coverage
import pytest

from bench.mutation.changes import Mutant
from bench.mutation.planting import plant

# A test takes some milliseconds of computing: one that takes this long never ends. Waiting counts for nothing, so a
# busy machine changes no verdict.
_LONGEST_TEST_S: Final = 10
_MEMORY: Final = 4 * 2**30
_OF_CONTROLS: Final = 40
_STEP: Final = 100  # how many mutants lie between two words of how far it is
_SURVIVED, _CAUGHT, _BROKEN = 0, 1, 2
Reach = Mapping[str, Mapping[int, frozenset[int]]]


class MutationStopped(Exception):
    """The tests fail without any mutant, or the judge itself broke."""


@dataclass(eq=False)  # pytest keeps plugins in sets
class Judge:
    """A pytest plugin that judges mutants instead of running the tests; `caught` is its answer, one for each.

    The first so many, `controls`, are files as they stand: some tests of each tell whether planting itself goes well.
    """

    mutants: Sequence[Mutant]
    controls: int
    holders: tuple[str, ...]
    jobs: int
    is_loud: bool = False
    caught: list[bool] = field(default_factory=list)
    trouble: str = ""
    _failures: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failures.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = f"{report.nodeid} cannot be collected: {report.longreprtext}"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            if not self.trouble:
                self._judge_all(session)
        except MutationStopped as stop:
            self.trouble = str(stop)
        return True

    def _judge_all(self, session: pytest.Session) -> None:
        modules = {getattr(one, "__file__", None): one for one in list(sys.modules.values())}
        reach = self._reach(session.items)
        verdicts: dict[int, int] = {}
        running: dict[int, int] = {}
        for number, mutant in enumerate(self.mutants):
            if len(running) == self.jobs:
                self._collect(running, verdicts)
            near = _chosen(mutant, reach, session.items)[: _OF_CONTROLS if number < self.controls else None]
            chosen = [session.items[at] for at in near]
            child = _forked(partial(self._judge, mutant, modules[str(mutant.file)], chosen), is_loud=self.is_loud)
            running[child] = number
        while running:
            self._collect(running, verdicts)
        self.caught = [verdicts[number] == _CAUGHT for number in range(len(self.mutants))]

    def _collect(self, running: dict[int, int], verdicts: dict[int, int]) -> None:
        pid, status = os.wait()
        number = running.pop(pid)
        # Ended by a signal: it computed for ever.
        verdicts[number] = _CAUGHT if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if len(verdicts) % _STEP == 0:
            print(f"{len(verdicts)} of {len(self.mutants)}", file=sys.stderr)
        if verdicts[number] not in (_SURVIVED, _CAUGHT):
            raise MutationStopped(f"the judge broke on {self.mutants[number].name}; run it alone to see how")

    def _judge(self, mutant: Mutant, module: ModuleType, items: Sequence[pytest.Item]) -> int:
        code = mutant.compiled()
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        try:
            plant(module, code, self.holders)
        except Exception:  # noqa: BLE001  # a file that cannot be loaded fails every test of it
            return _CAUGHT
        return _CAUGHT if any(self._fails(item, following) for item, following in _in_turn(items)) else _SURVIVED

    def _fails(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST_TEST_S)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return bool(self._failures)

    def _reach(self, items: Sequence[pytest.Item]) -> Reach:
        """For each file and line the numbers of the tests that run it; no test leaves anything behind in here."""
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "reach"
            child = _forked(lambda: self._measured(items, answer), is_loud=self.is_loud)
            status = os.waitpid(child, 0)[1]
            found: tuple[list[str], Reach] = pickle.loads(answer.read_bytes()) if status == 0 else (["?"], {})
        if found[0]:
            raise MutationStopped(f"without any mutant these tests fail: {', '.join(found[0])}")
        return found[1]

    def _measured(self, items: Sequence[pytest.Item], answer: Path) -> int:
        files = sorted({str(one.file) for one in self.mutants})
        measuring = coverage.Coverage(data_file=None, config_file=False, include=files)
        measuring.start()
        for number, (item, following) in enumerate(_in_turn(items)):
            measuring.switch_context(str(number))
            self._fails(item, following)
        measuring.stop()
        data = measuring.get_data()
        reach = {
            file: {
                line: frozenset(int(one) for one in contexts if one)
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in files
        }
        answer.write_bytes(pickle.dumps((self._failures, reach)))
        return 0


def _in_turn(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip_longest(items, items[1:])


def _chosen(mutant: Mutant, reach: Reach, items: Sequence[pytest.Item]) -> list[int]:
    """The tests that run the changed function, the nearest first; all of them for what a whole file shares."""
    first, last = mutant.span
    lines = reach[str(mutant.file)]
    found: Iterable[int] = frozenset().union(*(tests for line, tests in lines.items() if first <= line <= last))
    if not first:
        found = range(len(items))
    return sorted(found, key=lambda at: (*_distance(mutant.file, items[at].path), at))


def _distance(source: Path, test: Path) -> tuple[bool, bool]:
    return test.stem != f"test_{source.stem}", test.parent.name != source.parent.name


def _forked(work: Callable[[], int], *, is_loud: bool) -> int:
    """The id of a child that ends with what the work answers, and says nothing."""
    child = os.fork()
    if child:
        return child
    status = _BROKEN
    try:
        if not is_loud:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        status = work()
    finally:
        os._exit(status)
