"""What a translation could not carry: one thing each, with its place, the reason and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass

What: TypeAlias = Literal[
    "section", "condition", "parameter", "resource", "property", "value", "secret", "output", "export"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing of the source that the target does not have.

    `subject` is a logical id, or the name of a parameter, output, condition or section; `address` the name that it had
    where it was read, if that is another. `path` is the property or argument in the source's words. A value itself is
    never told: it could be a secret.
    """

    what: What
    subject: str
    reason: str
    hint: str
    path: str = ""
    address: str = ""
    origin: Origin | None = None

    @property
    def place(self) -> str:
        """Who is meant, in one line: `Database.engine_version`."""
        name = self.address or self.subject
        return f"{name}.{self.path}" if self.path else name

    def as_json(self) -> dict[str, object]:
        """The loss as it stands in `--json` documents."""
        return {
            "what": self.what,
            "subject": self.subject,
            "address": self.address or None,
            "path": self.path,
            "file": self.origin.file if self.origin else None,
            "line": self.origin.line or None if self.origin else None,
            "reason": self.reason,
            "hint": self.hint,
        }


def report(source: str, target: str, losses: Iterable[Loss], warning: str) -> str:
    """The page that lies beside a translation; it is written when nothing was lost, too."""
    listed = list(losses)
    rows = [
        f"| {one.what} | `{_cell(one.place)}` | {_where(one)} | {_cell(one.reason)} | {_cell(one.hint)} |"
        for one in listed
    ]
    table = ["| what | which | where | why | what to do |", "|---|---|---|---|---|", *rows]
    told = table if rows else ["Everything was carried."]
    return "\n".join([f"# From {source} to {target}", "", warning, "", "## Not carried", "", *told, ""])


def _where(loss: Loss) -> str:
    return _cell(str(loss.origin)) if loss.origin else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
