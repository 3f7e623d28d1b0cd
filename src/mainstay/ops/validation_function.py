"""The stack's validation function as a way to its databases: it asks the probe's questions inside their network.

A function lives for fifteen minutes at most, so it is one for small work: two thirds of its own timeout, and ten
minutes at most. How long the work takes is estimated from the bytes of the databases and the rate at which the function
read the source, and before that reading from a rate that storage of RDS sustains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

import pymysql

from mainstay.core.errors import Busy, Inconclusive, NotFound, TargetRefused
from mainstay.core.units import Duration
from mainstay.functions.imports import code_digest
from mainstay.functions.packaging import FUNCTIONS
from mainstay.ops.aws.functions import FunctionState
from mainstay.ops.login import Address
from mainstay.ops.site import Site
from mainstay.probe.carrying import packed, read, unpacked
from mainstay.probe.postgres.errors import WireError
from mainstay.probe.questions import PROBE
from mainstay.probe.session import DriverError, said
from mainstay.probe.transcript import Query

MOST_WORK_S: Final = 600.0
_SHARE: Final = 2 / 3
# gp3 below 400 GiB reads 125 MiB/s (RDS User Guide, CHAP_Storage, 2026-11-21), and a copy still fetches its blocks.
PRESUMED_BYTES_S: Final = 50 * 2**20
_DEPLOY: Final = "deploy the stack again with this version of mainstay, or go --through bastion"
_OTHER_WAY: Final = "go --through bastion, which has no end of time"
_NO_BOUNDS: Final = "go --through bastion, which has no bounds of time or size"


class FunctionSpent(Inconclusive):
    """What a function cannot do in its bounds, and another way can: it ran out of time, or its answer is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """A database to ask: its engine by RDS's name, where it listens, and the secret with the login, None for the
    function's own.
    """

    engine: str
    address: Address
    database: str = ""
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a server says of itself to begin with; `size` is what there is to read of it."""

    version: str
    tls_version: str | None
    size: int


class ValidationFunction:
    """One function. What it is asked is told by name, never by statement; passwords do not pass through here."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self._greetings: dict[Whom, Greeting] = {}
        self._size: int | None = None
        self._bytes_s: float | None = None

    @cached_property
    def state(self) -> FunctionState:
        """How it is set up. Error: NotFound when the stack's function is gone."""
        try:
            return self.site.doors.functions.function(self.name)
        except NotFound as error:
            raise self._gone(error) from error

    def greet(self, whom: Whom, transcript: list[Query] | None = None) -> Greeting:
        """Log in for the first time, and see that the function's code is ours. Errors: as `ask`."""
        anywhere = replace(whom, database="")
        if anywhere not in self._greetings:
            try:
                told = self.ask(whom, "greet", transcript=transcript)
            except DriverError as error:
                raise TargetRefused(
                    "the database refused a statement",
                    detail=f"{whom.address}, asked by function {self.name}: {said(error)}",
                    hint=_OTHER_WAY,
                ) from error
            self._greetings[anywhere] = Greeting(
                version=told["version"], tls_version=told["tls_version"], size=told["bytes"]
            )
        return self._greetings[anywhere]

    def survey(self, whom: Whom) -> None:
        """See how much there is to do. Errors: as `ask`; TargetRefused for more than the function has time for."""
        self._size = self.greet(whom).size
        if not self.is_fit:
            raise TargetRefused(
                "too much work for a function", detail=f"{self.name}: {self.estimate}.", hint=_OTHER_WAY
            )

    def learn(self, seconds: float) -> None:
        """How long a reading of all databases took that were surveyed."""
        if self._size and seconds > 0:
            self._bytes_s = self._size / seconds

    @property
    def _work_s(self) -> float:
        return (self._size or 0) / (self._bytes_s or PRESUMED_BYTES_S)

    @property
    def _most_s(self) -> float:
        return min(MOST_WORK_S, self.state.timeout_s * _SHARE)

    @property
    def is_fit(self) -> bool:
        """Whether what was surveyed can be done in the function's time."""
        return self._size is not None and self._work_s <= self._most_s

    @property
    def estimate(self) -> str:
        """The work and its bound, in words."""
        rate = self._bytes_s or PRESUMED_BYTES_S
        how = "measured" if self._bytes_s else "presumed"
        return (
            f"some {_shown_s(self._work_s)} of work ({_mib(self._size or 0)} at {_mib(rate)}/s, {how}), "
            f"{_shown_s(self._most_s)} at most"
        )

    @property
    def words(self) -> str:
        """Where it stands, by what it is known again, and what was expected of it."""
        place = f"{self.state.vpc}, {' '.join(self.state.subnets)}" if self.state.vpc else "in no VPC"
        code = f"package {self.state.code_sha256}" if self.state.code_sha256 else "package unknown"
        return f"through function {self.name} in {self.site.region} ({place}; {code}; {self.estimate})"

    def ask(
        self,
        whom: Whom,
        question: str,
        arguments: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        *,
        transcript: list[Query] | None = None,
    ) -> Any:
        """What the function answers; `transcript` takes every statement that it ran. Any: JSON, both ways.

        Errors: DriverError that the server gave; TargetRefused when it was not let in, or its code is another;
        FunctionSpent for what is beyond its bounds; Inconclusive when it ended without an answer; NotFound when it is
        gone; Busy when it stays throttled.
        """
        event = {
            "question": question,
            "engine": whom.engine,
            "address": str(whom.address),
            "database": whom.database,
            "secret": whom.secret,
            "arguments": packed(list(arguments)),
            "options": dict(options or {}),
        }
        try:
            told = self.site.doors.functions.invoke(self.name, {PROBE: event})
        except NotFound as error:
            raise self._gone(error) from error
        except Busy as error:
            raise Busy(
                "the function is throttled",
                detail=f"{self.name} in {self.site.region}: {error.detail}",
                hint="wait, let the account run more functions at once (concurrency), or go --through bastion",
            ) from error
        if told.failed:
            raise self._failed(question, told.failed)
        return self._opened(whom, told.answer, transcript)

    def _opened(self, whom: Whom, told: Any, transcript: list[Query] | None) -> Any:  # Any: JSON, both ways
        code = told.get("code") if isinstance(told, dict) else None
        if code != _own_code():
            said = f"its code is {code}" if code else "it does not know a drill's questions"
            raise TargetRefused(
                "the function is of another version",
                detail=f"{self.name} (package {self.state.code_sha256}): {said}; ours is {_own_code()}.",
                hint=_DEPLOY,
            )
        if transcript is not None and "queries" in told:
            transcript += read(list[Query], unpacked(told["queries"]))
        if "beyond" in told:
            known = told["beyond"]
            raise FunctionSpent(known["summary"], detail=f"Function {self.name}: {known['detail']}", hint=_NO_BOUNDS)
        if "driver_error" in told:
            raise _driver_error(whom.engine, **told["driver_error"])
        if "error" in told:
            known = told["error"]
            raise TargetRefused(
                known["summary"], detail=f"Function {self.name}: {known['detail']}", hint=known["hint"] or _OTHER_WAY
            )
        return unpacked(told["answer"])

    def _failed(self, question: str, words: str) -> Inconclusive:
        if "timed out" in words.lower():
            return FunctionSpent(
                "the function ran out of time",
                detail=f"{self.name} was asked to {question} and ended after {self.state.timeout_s} s: {words}.",
                hint=f"write a longer validation.timeout (up to 15m) and deploy, or {_OTHER_WAY}",
            )
        if "ResponseSizeTooLarge" in words:
            return FunctionSpent(
                "the answer is too large",
                detail=f"{self.name} was asked to {question}: {words}.",
                hint=_NO_BOUNDS,
            )
        return Inconclusive(
            "the function failed",
            detail=f"{self.name} was asked to {question}: {words}.",
            hint=f"look at its log {self.state.log_group}, or go --through bastion",
        )

    def _gone(self, error: NotFound) -> NotFound:
        return NotFound(
            "no validation function",
            detail=f"{self.name} in {self.site.region}: {error.detail}",
            hint="deploy the stack again, or go --through bastion",
        )


def _mib(size: float) -> str:
    return f"{size / 2**20:,.1f} MiB"


def _shown_s(seconds: float) -> str:
    return str(Duration(max(1, math.ceil(seconds))))


@cache  # asked with every answer, and as long as a command runs the same
def _own_code() -> str:
    return code_digest(next(one.module for one in FUNCTIONS if one.name == "validation"))


def _driver_error(engine: str, words: str, code: Any) -> Exception:  # Any: a number or a text
    """The server's error as the engine's driver would raise it here."""
    return WireError(words, code) if engine == "postgres" else pymysql.err.OperationalError(code, words)
