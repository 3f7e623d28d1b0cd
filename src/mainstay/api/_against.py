"""The two plans of a comparison: what was written, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mainstay.api._source import Loaded, load, load_all, load_spec, looks_like_template, read_text
from mainstay.formats import cloudformation, terraform
from mainstay.formats.terraform.names import key_of, label
from mainstay.ops.revision import text_at, texts_at
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.rekeying import rekeyed

_MODULE: Final = "main.tf.json"
_SHOWN: Final = '"format_version"'
_BEGINNING: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two plans; `words` say where it is from."""

    plan: Plan
    words: str
    is_spec: bool = False
    is_terraform: bool = False
    is_module: bool = False


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
        is_module = (source / _MODULE).is_file()
        if source.is_dir() and not is_module:
            loaded = _in_one(load_all(source, parameters={}), str(source))
            return loaded, _side(loaded, str(source))
        settings = self.settings if not is_module and _is_spec(source) else None
        loaded = load(
            source,
            environment=self.environment,
            settings=settings,
            region=self.region,
            parameters=parameters or {},
        )
        return loaded, _side(loaded, str(source), is_module=is_module)

    def at(self, source: Path, revision: str) -> Side:
        """A file or a module as it was at a revision of its repository."""
        words = f"{source} at {revision}"
        if source.is_dir():
            plan = terraform.read(texts_at(source, revision, ".tf.json"))
            return Side(plan=plan, words=words, is_terraform=True, is_module=True)
        text = text_at(source, revision)
        if _is_shown(text):
            return Side(plan=terraform.read_shown(text, file=words), words=words, is_terraform=True)
        if looks_like_template(text):
            return Side(plan=cloudformation.read(text, file=words, parameters={}), words=words)
        loaded = load_spec(source, environment=self.environment, settings=self.settings, region=self.region, text=text)
        return _side(loaded, words)


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
    return Loaded(replace(stacks[0].plan, regions=regions), None, folder, stacks[0].text, remarks)


def _side(loaded: Loaded, words: str, *, is_module: bool = False) -> Side:
    is_spec = loaded.spec is not None
    is_terraform = is_module or (not is_spec and _is_shown(loaded.text))
    return Side(plan=loaded.plan, words=words, is_spec=is_spec, is_terraform=is_terraform, is_module=is_module)


def _is_spec(source: Path) -> bool:
    if source.is_dir():
        return False
    text = read_text(source)
    return not (_is_shown(text) or looks_like_template(text))


def _is_shown(text: str) -> bool:
    return text.lstrip().startswith("{") and _SHOWN in text[:_BEGINNING]
