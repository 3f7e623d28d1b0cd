"""What becomes of a run's evidence, whatever ran: signed by the stack's key, drawn as a page, kept in its bucket.

Nothing of it changes a verdict. A key that does not answer is stepped in for, an upload that is refused is said and
made up for by the next run, and a page can be drawn again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.api._site import Where
from mainstay.api._synth import write_whole
from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError
from mainstay.ops import evidence
from mainstay.ops.evidence.chain import DOCUMENT, read_links
from mainstay.ops.evidence.keeping import keep
from mainstay.ops.site import Site
from mainstay.plan.plan import Plan
from mainstay.report.page import drill_page

# Outputs of the stack (plan/passes/outputs).
_KEY: Final = "EvidenceKeyArn"
_BUCKET: Final = "EvidenceBucket"
PAGE: Final = "report.html"


@dataclass(frozen=True, slots=True)
class Custody:
    """The bucket that keeps a stack's evidence, empty for none, and what came of the last run's.

    `kept` are the runs that were uploaded now, also earlier ones; `not_kept` says why they were not.
    """

    bucket: str = ""
    kept: tuple[str, ...] = ()
    not_kept: str = ""

    def as_json(self) -> dict[str, object]:
        """As part of an operation's JSON document."""
        return {"bucket": self.bucket or None, "kept": list(self.kept), "not_kept": self.not_kept or None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodian:
    """What of a deployed stack signs and keeps evidence: the ARN of its key, the name of its bucket; empty for neither.

    `stacks` are those whose evidence the bucket takes. `why` tells why nobody knows what there is.
    """

    site: Site
    stacks: frozenset[str]
    key: str | None = None
    bucket: str = ""
    why: str = ""

    def signer(self) -> evidence.Signer | None:
        """Who signs in the operator's place; None where nobody was to."""
        if self.why:
            return evidence.AbsentSigner(self.why)
        return evidence.signer_of(self.site, self.key)

    def keep(self, where: Where) -> Custody:
        """Upload what the bucket lacks of the workspace's chain."""
        if self.why:
            return Custody(not_kept=self.why)
        if not self.bucket:
            return Custody()
        try:
            runs = keep(self.site.doors.s3, self.bucket, where.workspace, label=self.site.label, stacks=self.stacks)
        except MainstayError as error:
            return Custody(self.bucket, not_kept=": ".join(filter(None, (error.summary, error.detail))))
        return Custody(self.bucket, runs)


def custodian(site: Site, plan: Plan, stack: str, outputs: Mapping[str, str] | None = None) -> Custodian:
    """That of the stack at a site, by what is deployed, not by what a spec says. NotFound without the stack.

    `outputs` are the stack's, where they are known already.
    """
    known = outputs if outputs is not None else site.doors.cloudformation.stack(stack).outputs
    return Custodian(site=site, stacks=_stacks(plan, stack), key=known.get(_KEY), bucket=known.get(_BUCKET, ""))


def custodian_elsewhere(first: Site | None, there: Site, plan: Plan, stack: str) -> Custodian:
    """That of a failover out of the `first` region, whose stack has key and bucket, if it answers once.

    `there` is where it fails over, in its stack. A first region that is lost is not waited for.
    """
    wants = {name for name in (_KEY, _BUCKET) if any(output.name == name for output in plan.primary.outputs)}
    if not wants or first is None:
        why = "nobody can ask the first region" if wants else ""
        return Custodian(site=there, stacks=_stacks(plan, stack), why=why)
    try:
        found = custodian(first, plan, plan.primary.stack)
    except MainstayError as error:
        why = f"{first.region} does not answer: {error.summary}"
        return Custodian(site=there, stacks=_stacks(plan, stack), why=why)
    return Custodian(site=first, stacks=_stacks(plan, stack), key=found.key, bucket=found.bucket)


def _stacks(plan: Plan, stack: str) -> frozenset[str]:
    return frozenset({stack, *(part.stack for part in plan.regions)})


def draw(workspace: Path, run: str) -> Path:
    """The page of a run's evidence, beside it."""
    document = workspace / evidence.HOME / run / DOCUMENT
    page = document.with_name(PAGE)
    write_whole(page, drill_page(evidence.load(document)))
    return page


def draw_missing(workspace: Path) -> None:
    """The pages that runs did not come to, because their verdict stopped them."""
    for link in read_links(workspace / evidence.HOME)[0]:
        if not (workspace / evidence.HOME / link.run / PAGE).exists():
            try:
                draw(workspace, link.run)
            except (AnswerIsNo, InputRefused):  # altered: nothing to show
                continue
