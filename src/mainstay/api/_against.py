"""The two plans of a comparison: what was written, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mainstay.api._source import Kind, Loaded, kind_of, kind_of_text, load_all, load_spec, module_of
from mainstay.formats import cloudformation, terraform
from mainstay.formats.terraform.names import key_of, label
from mainstay.ops.revision import text_at, texts_at
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.rekeying import rekeyed


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two plans, and what it was read from; `words` say where that is."""

    plan: Plan
    words: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are read: settings, environment and region are laid over a spec, and mean nothing to anything else."""

    environment: str | None = None
    settings: Mapping[str, str] | None = None
    region: str | None = None

    def written(self, source: Path, parameters: Mapping[str, str] | None = None) -> tuple[Loaded, Side]:
        """A file, or the folder of a module or of the CDK; `parameters` are values for a template, and defaults hold
        for the rest.
        """
        settings = self.settings if self.settings and kind_of(source) is Kind.SPEC else None
        found = load_all(
            source,
            environment=self.environment,
            settings=settings,
            region=self.region,
            parameters=parameters or {},
        )
        loaded = _in_one(found, str(source)) if found[0].kind is Kind.TEMPLATE and source.is_dir() else found[0]
        return loaded, Side(plan=loaded.plan, words=str(source), kind=loaded.kind)

    def at(self, source: Path, revision: str) -> Side:
        """A file or a module as it was at a revision of its repository."""
        words = f"{source} at {revision}"
        module = module_of(source) or (source if source.is_dir() else None)
        if module is not None:
            return Side(plan=terraform.read(texts_at(module, revision, ".tf.json")), words=words, kind=Kind.MODULE)
        text = text_at(source, revision)
        kind = kind_of_text(text)
        if kind is Kind.SHOWN:
            plan = terraform.read_shown(text, file=words)
        elif kind is Kind.TEMPLATE:
            plan = cloudformation.read(text, file=words, parameters={})
        else:
            settings, environment = self.settings, self.environment
            plan = load_spec(source, environment=environment, settings=settings, region=self.region, text=text).plan
        return Side(plan=plan, words=words, kind=kind)


def in_one_region(plan: Plan) -> Plan:
    """The plan as a state of Terraform shows it, which holds the resources of every region: those of a further one with
    the region before their names, as our modules name them.
    """
    first, *others = plan.regions
    resources = list(first.resources)
    for one in others:
        prefix = f"{one.region.replace('-', '_')}_"
        resources += rekeyed(one, {each.key: key_of(prefix + label(each.key)) for each in one.resources}).resources
    return replace(plan, regions=(replace(first, resources=tuple(resources)),))


def settled(plan: Plan, given: Mapping[str, Mapping[str, str]]) -> Plan:
    """The plan of a spec with a value in the place of each parameter that has one: `given` by region and name, else
    the default. So it can be compared with what was read from a template.
    """
    return replace(plan, regions=tuple(_settled(plan, one, given.get(one.region, {})) for one in plan.regions))


def _settled(plan: Plan, region: RegionPlan, given: Mapping[str, str]) -> RegionPlan:
    # What has a default is deployed with it, whatever the stack has (ops.images); the rest keeps what it has.
    kept = {one.name: given[one.name] for one in region.parameters if one.default is None and one.name in given}
    ((name, text),) = cloudformation.render(replace(plan, regions=(region,))).items()
    return cloudformation.read(text, file=name, parameters=kept).primary


def _in_one(stacks: list[Loaded], folder: str) -> Loaded:
    """The stacks of the CDK's folder as one plan."""
    regions = tuple(region for one in stacks for region in one.plan.regions)
    remarks = tuple(remark for one in stacks for remark in one.remarks)
    return replace(stacks[0], plan=replace(stacks[0].plan, regions=regions), file=folder, remarks=remarks)
