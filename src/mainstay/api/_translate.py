"""What somebody else wrote, in another format: `mainstay synth template.json --to terraform`, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mainstay.api._source import Loaded
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest
from mainstay.plan.plan import Plan

if TYPE_CHECKING:
    from mainstay.core.findings import Finding
    from mainstay.formats.translation import Loss

_NAMES: Final = {"cloudformation": "CloudFormation", "terraform": "Terraform"}
_WARNING: Final = (
    "It describes resources that may exist already. Deployed beside them it makes a second set, with names that "
    "collide and an empty database; it does not take over what is there. Moving what is there means importing it first "
    "(`terraform import`, or a change set of type IMPORT), and taking it out of where it is managed now, keeping it."
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A translated plan, the formats it came from and went to, and what it lost on the way."""

    plan: Plan
    source: str
    target: str
    losses: tuple[Loss, ...]
    warning: str = _WARNING

    @property
    def page(self) -> str:
        """The page that lies beside the result."""
        from mainstay.formats.translation import report  # lazy: a spec needs no translation

        return report(self.source, self.target, self.losses, self.warning)

    def as_json(self) -> dict[str, object]:
        """Its members in the answer of `synth`."""
        return {
            "translated_from": self.source,
            "not_carried": [one.as_json() for one in self.losses],
            "warning": self.warning,
        }


def together(told: Sequence[Carried]) -> Carried:
    """Several translations as one answer; its plan is that of the first."""
    losses = tuple(loss for one in told for loss in one.losses)
    return dataclasses.replace(told[0], losses=losses)


def carried(loaded: Loaded, target: str, *, given: Mapping[str, str], region: str | None) -> Carried:
    """The plan in the words of the target; InputRefused for values of parameters that there are not."""
    from mainstay.formats.translation import translate  # lazy, as above

    source = "terraform" if loaded.kind.is_terraform else "cloudformation"
    plan = _placed(loaded, region)
    _refuse_unknown(plan, given, loaded.file)
    names = _NAMES[source], _NAMES[target]
    unseen = tuple(_unseen(one) for one in loaded.remarks)
    if source == target:
        return Carried(_as_one_file(loaded, plan, source, given), *names, ())
    translation = translate(plan, target, given=given)
    apart = {one.subject for one in loaded.remarks}
    # A nested stack whose template was found is here with all that it holds; only itself is not.
    losses = (one for one in translation.losses if not (one.subject in _nested(plan) and one.subject not in apart))
    return Carried(translation.plan, *names, (*unseen, *losses))


def _as_one_file(loaded: Loaded, plan: Plan, source: str, given: Mapping[str, str]) -> Plan:
    """The plan to write in its own format again: of a template nothing but itself, without the stacks that it nests."""
    if source != "cloudformation":
        return plan
    from mainstay.formats import cloudformation  # lazy, as above

    again = cloudformation.read(loaded.text, file=loaded.file, parameters=given or None)
    first = dataclasses.replace(again.primary, region=plan.primary.region, stack=plan.primary.stack)
    return dataclasses.replace(again, regions=(first,))


def _nested(plan: Plan) -> set[str]:
    """The keys of a plan's nested stacks."""
    from mainstay.plan.resources import NestedStack  # lazy, as above

    return {one.key for one in plan.of(NestedStack)}


def _unseen(remark: Finding) -> Loss:
    """What the reader did not look at cannot have been carried."""
    from mainstay.formats.translation import Loss  # lazy, as above

    return Loss(
        what="section", subject=remark.subject or "source", reason=remark.detail, hint=remark.hint, origin=remark.origin
    )


def _placed(loaded: Loaded, region: str | None) -> Plan:
    """The plan in a region, for what does not say its own."""
    if region is None:
        return loaded.plan
    (first, *others) = loaded.plan.regions
    if others or first.region not in ("", region):
        raise InputRefused(
            "another region than its own",
            detail=f"{loaded.file} is for {', '.join(one.region for one in loaded.plan.regions)}, not for {region}.",
            hint="leave --region out",
        )
    return dataclasses.replace(loaded.plan, regions=(dataclasses.replace(first, region=region),))


def _refuse_unknown(plan: Plan, given: Mapping[str, str], file: str) -> None:
    known = [one.name for region in plan.regions for one in region.parameters]
    for name in given:
        if name not in known:
            meant = nearest(name, known)
            raise InputRefused(
                "parameter not known",
                detail=f"{file} has no parameter '{name}'.",
                hint=f"did you mean '{meant}'?" if meant else "leave it out",
            )
