"""A rule: what it is called, what it looks at, what it says, and the two examples that prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from mainstay import facts
from mainstay.core.findings import Harm, Severity
from mainstay.core.records import dataclass
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Resource

if TYPE_CHECKING:
    from mainstay.checks.scene import Scene

K = TypeVar("K", bound=Resource)


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule's bad pattern stands: names and numbers in `detail`, the fix in `hint`.

    `severity` is set only where one case of a rule is milder or graver than the rule itself. `field` is the one whose
    line the finding shows, where it was written at all.

    `mend` is for what one answer is right to, whoever asks: the resources as they should read, each in the place of the
    one of its key, and new ones by new keys. Empty where somebody has to choose.
    """

    resource: Resource
    detail: str
    hint: str
    severity: Severity | None = None
    field: str = ""
    mend: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `reason` says what happens in reality; `bad` fires exactly this rule, `good` is the boundary.

    `field` is the one that the rule is about, for its line; a fault that is about another names it itself.

    `conflicts` are the rows of the table of features that exclude each other which this rule holds a plan against.

    `judge` takes a resource of one of the kinds in `applies_to` (hence Any) and the scene it stands in.
    """

    id: str
    severity: Severity
    harm: Harm
    summary: str
    source: str
    reason: str
    module: str
    applies_to: tuple[type[Resource], ...]
    bad: Callable[[], Plan]
    good: Callable[[], Plan]
    judge: Callable[[Any, Scene], Iterable[Fault]]
    field: str = ""
    conflicts: tuple[str, ...] = ()


def rule(
    *,
    id: str,  # noqa: A002  # the name that findings, documents and suppressions use
    severity: Severity,
    harm: Harm,
    summary: str,
    applies_to: tuple[type[K], ...],
    bad: Callable[[], Plan],
    good: Callable[[], Plan],
    source: str = "",
    conflicts: tuple[str, ...] = (),
    field: str = "",
) -> Callable[[Callable[[K, Scene], Iterable[Fault]]], Rule]:
    """Make a rule of a function over one resource and its scene; the function's docstring is the rule's reason.

    Where the rule is about rows of the table of conflicts, their words come first, and their sources after its own.
    """
    rows = [facts.conflict(name) for name in conflicts]
    sources = dict.fromkeys([*([source] if source else []), *(row.citation for row in rows)])

    def build(judge: Callable[[K, Scene], Iterable[Fault]]) -> Rule:
        return Rule(
            id=id,
            severity=severity,
            harm=harm,
            summary=summary,
            source="; ".join(sources),
            reason=" ".join([*(row.why for row in rows), *(judge.__doc__ or "").split()]),
            module=judge.__module__,
            applies_to=applies_to,
            bad=bad,
            good=good,
            judge=judge,
            field=field,
            conflicts=conflicts,
        )

    return build
