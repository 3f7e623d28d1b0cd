"""What somebody else wrote, in another format: `mainstay synth template.json --to terraform`, and back."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mainstay.api._source import Loaded
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest
from mainstay.plan.plan import Plan

if TYPE_CHECKING:
    from mainstay.formats.translation import Loss

# As `load` tells them apart: what `terraform show -json` writes says so at its top.
_SHOWN: Final = re.compile(r"""[{,]\s*"format_version"\s*:""")
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


def source_format(source: Path, loaded: Loaded) -> str:
    """The format that something was read from, which is no spec."""
    is_module = (source / "main.tf.json").is_file()
    return "terraform" if is_module or _SHOWN.search(loaded.text, 0, 10_000) else "cloudformation"


def carried(loaded: Loaded, source: str, target: str, *, given: Mapping[str, str], region: str | None) -> Carried:
    """The plan in the words of the target; InputRefused for values of parameters that there are not."""
    from mainstay.formats.translation import translate  # lazy, as above

    plan = _placed(loaded, region)
    _refuse_unknown(plan, given, loaded.file)
    names = _NAMES[source], _NAMES[target]
    if source == target and not given:
        return Carried(plan, *names, ())
    translation = translate(plan, target, given=given)
    return Carried(translation.plan, *names, translation.losses)


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
