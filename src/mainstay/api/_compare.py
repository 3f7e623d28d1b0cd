"""`mainstay plan --against`: what a change does to what stands. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay import diff
from mainstay.api._against import Reading, Side, in_one_region, settled
from mainstay.api._against_stack import against_stack
from mainstay.api._site import Where, stack_name
from mainstay.api._source import Kind
from mainstay.core.errors import InputRefused
from mainstay.formats import terraform
from mainstay.ops.differences import CLOUDFORMATION

DEPLOYED: Final = "deployed"
REVISION: Final = "git:"
TERRAFORM: Final = diff.Target(diff.TERRAFORM, terraform.TABLES)
# What nobody calls a stack.
_FILE_MARKS: Final = ("/", ".json", ".yaml", ".yml", ".template")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared with what, and what differs. Only a spec `is_deployable` by Mainstay itself."""

    source: str
    against: str
    difference: diff.Difference
    is_deployable: bool = True

    @property
    def exit_code(self) -> int:
        """2 when data would be lost, 1 when something would be refused, 0 otherwise."""
        return self.difference.exit_code

    def as_json(self) -> dict[str, object]:
        """`{"source": …, "against": …, "regions": […], "loses_data": …, "exit_code": …}`."""
        return {"source": self.source, "against": self.against, **self.difference.as_json()}


def compare(
    source: Path,
    *,
    against: str,
    where: Where,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
) -> Compared:
    """Compare the plan of a spec, a template, a module or a shown plan with what it would change.

    `against` is `deployed` (the stack that the spec deploys to, or `stack`), `git:REV` (the same file at a revision), a
    file or a folder that can be read, or the name of a stack. InputRefused when it is none of these, NotFound when
    there is no such stack.
    """
    reading = Reading(environment=environment, settings=settings, region=region)
    loaded, new = reading.written(source)
    if against.startswith(REVISION):
        return _of_plans(new, reading.at(source, against.removeprefix(REVISION)))
    path = Path(against)
    if against != DEPLOYED and (path.exists() or against.endswith(_FILE_MARKS) or "/" in against):
        return _of_plans(new, reading.written(path)[1])
    if stack is not None and against != DEPLOYED:
        raise InputRefused(
            "two stacks",
            detail=f"--against names stack {against}, and --stack names {stack}.",
            hint="leave --stack out, or write --against deployed",
        )
    name = stack_name(loaded.plan, stack if against == DEPLOYED else against)
    words, found = against_stack(loaded, reading, new, name, where)
    return Compared(new.words, words, found, new.kind is Kind.SPEC)


def _of_plans(new: Side, old: Side) -> Compared:
    """Two plans of files; as Terraform would carry it out when one of them is Terraform's."""
    kinds = {new.kind, old.kind}
    is_terraform = any(kind.is_terraform for kind in kinds)
    if Kind.MODULE in kinds:
        before, after = old.plan, new.plan  # a module has variables where a spec has parameters
    else:
        before, after = (settled(one.plan, {}) if one.kind is Kind.SPEC else one.plan for one in (old, new))
        if is_terraform:
            before, after = in_one_region(before), in_one_region(after)
    found = diff.compare(before, after, TERRAFORM if is_terraform else CLOUDFORMATION)
    return Compared(new.words, old.words, found, new.kind is Kind.SPEC and not is_terraform)
