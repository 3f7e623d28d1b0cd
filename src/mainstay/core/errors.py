"""The exception tree and the exit codes of every command.

    MainstayError                      70  a bug: nothing else fits
    ├── InputRefused                    2  arguments, a spec or a template that cannot be used as they are
    ├── AnswerIsNo                      1  the question was answered, and the answer is no
    ├── Inconclusive                    3  the question could not be answered; nothing is accused
    ├── TargetRefused                   4  AWS, the sandbox or a server refused or failed the operation
    │   └── NotFound                    4  the object that the operation is about does not exist there
    ├── Busy                            5  somebody else holds the lease, or the object is in another state: try again
    ├── EnvironmentLacking              6  this machine lacks a binary, a port, space or a permission
    │   └── CredentialsEnded           75  the login ended halfway; log in and run the same command, which goes on
    └── Interrupted                   130  Ctrl-C or SIGTERM; what is half done is in the journal

`0` means done, clean or PROVEN. `1` also stands for findings at or above the threshold of `check`, and for a change
that would be refused (`plan --against`); `2` also for one that would lose data.
Findings are values; exceptions stop. Both have one shape: a constant summary, a detail with names and
numbers, a hint with the next step. Foreign exceptions are translated at their door, never shown raw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from mainstay.core.findings import Finding

EXIT_OK = 0


class MainstayError(Exception):
    """A stop with an object, a reason and a next step.

    `summary` is constant for the kind of stop, in lower case; `detail` carries names and numbers in full
    sentences; `hint` is what the reader does next.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, summary: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.summary]
        lines += [f"  {line}" for line in self.detail.splitlines()]
        lines += [f"  hint: {line}" for line in self.hint.splitlines()]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The error as the `error` member of a `--json` document."""
        return {
            "kind": type(self).__name__,
            "summary": self.summary,
            "detail": self.detail,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class InputRefused(MainstayError):
    """Input that cannot be used; `findings` holds every fault that was seen, not only the first."""

    exit_code = 2

    def __init__(self, summary: str, *, detail: str = "", hint: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.findings = tuple(findings)

    def as_json(self) -> dict[str, object]:
        """The error with its findings."""
        return {**super().as_json(), "findings": [finding.as_json() for finding in self.findings]}


class AnswerIsNo(MainstayError):
    """A verification failed or a drill disproved: the tool worked, the thing it looked at did not."""

    exit_code = 1


class Inconclusive(MainstayError):
    """The question could not be answered, so nobody is accused and nothing is proven."""

    exit_code = 3


class TargetRefused(MainstayError):
    """AWS, the sandbox or a database server refused or failed what was asked."""

    exit_code = 4


class NotFound(TargetRefused):
    """The stack, instance or snapshot that the operation is about does not exist at the target."""


class Busy(MainstayError):
    """Another operator or operation is at work on the same object; trying again later can succeed."""

    exit_code = 5


class EnvironmentLacking(MainstayError):
    """This machine lacks something: a binary, a port, disk space, a permission."""

    exit_code = 6


class CredentialsEnded(EnvironmentLacking):
    """The login ended halfway; the journal says how far it came, and the same command goes on after a new login."""

    exit_code = 75


class Interrupted(MainstayError):
    """The operator stopped the command; the journal says how far it came."""

    exit_code = 130
