"""What a command was pointed at: a spec that somebody wrote, or a template in somebody's format."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mainstay.api._files import is_file, read_text
from mainstay.core.errors import InputRefused

if TYPE_CHECKING:
    from mainstay.api._assembly import Stack
    from mainstay.core.findings import Finding
    from mainstay.plan.plan import Plan, RegionPlan
    from mainstay.spec import Spec

__all__ = [
    "Kind",
    "Loaded",
    "kind_of",
    "kind_of_text",
    "load",
    "load_all",
    "load_spec",
    "looks_like_template",
    "module_of",
    "read_text",
]

# A spec has no top-level key of these names; a template has at least one (CloudFormation template anatomy).
_TEMPLATE: Final = re.compile(
    r"""^[ \t]*+(?:\{[ \t]*+)?["']?(?:Resources|AWSTemplateFormatVersion)["']?[ \t]*+:""", re.MULTILINE
)
# In JSON on one line they stand after a brace or a comma.
_JSON_TEMPLATE: Final = re.compile(r"""[{,]\s*"(Resources|AWSTemplateFormatVersion)"\s*:""")
# What the output of `terraform show -json` holds at its top (Terraform's documentation, JSON output format; checked
# 2026-11-21).
_SHOWN: Final = re.compile(r"""[{,]\s*"format_version"\s*:""")
# What a Terraform file begins its blocks with, and what a plan in JSON holds at its top
# (Terraform's documentation: configuration syntax; JSON output format; checked 2026-11-20).
_TERRAFORM: Final = re.compile(
    r"""^(?:(?:resource|module|provider|terraform|variable|data|locals|output)\s*(?:"[^"\n]*"\s*){0,2}\{"""
    r"""|[ \t]*+"(?:terraform_version|planned_values)"[ \t]*+:)|[{,]\s*+"terraform_version"\s*+:""",
    re.MULTILINE,
)
_MODULE: Final = "main.tf.json"
_TERRAFORM_HINT: Final = (
    "show it as a plan: terraform plan -out tfplan && terraform show -json tfplan > tfplan.json, then "
    "mainstay check tfplan.json"
)


class Kind(enum.Enum):
    """What a command can be pointed at; the value is how a message calls it."""

    SPEC = "a spec"
    TEMPLATE = "a template"
    SHOWN = "a plan of Terraform"
    MODULE = "a module"

    @property
    def is_terraform(self) -> bool:
        """Whether Terraform carries it out; CloudFormation does the rest."""
        return self in (Kind.SHOWN, Kind.MODULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A plan and what it was read from: the spec behind it when there is one, and remarks on what of the file was not
    looked at.
    """

    plan: Plan
    kind: Kind
    file: str
    spec: Spec | None = None
    text: str = ""
    remarks: tuple[Finding, ...] = ()


def kind_of(source: Path) -> Kind:
    """What a file or a folder is. Raises InputRefused for a file that cannot be read."""
    if module_of(source) is not None:
        return Kind.MODULE
    # Of the other folders only those that the CDK wrote are read, and those hold templates.
    return Kind.TEMPLATE if source.is_dir() else kind_of_text(read_text(source))


def kind_of_text(text: str) -> Kind:
    """What a file is by its text; whatever shows no sign of anything else is taken for a spec."""
    if text.lstrip().startswith("{") and _SHOWN.search(text, 0, 10_000) is not None:
        return Kind.SHOWN
    return Kind.TEMPLATE if looks_like_template(text) else Kind.SPEC


def module_of(source: Path) -> Path | None:
    """The folder of a module that `synth` wrote, by its own name or by that of its first file; None for no module."""
    folder = source.parent if source.name == _MODULE else source
    return folder if is_file(folder / _MODULE) else None


def load_all(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> list[Loaded]:
    """The plans behind a file, or behind a folder that the CDK wrote: there is one a stack.

    Raises InputRefused with every fault that the file has.
    """
    if module_of(source) is None:
        from mainstay.api import _assembly  # lazy: nobody but the CDK's users needs it

        if _assembly.is_assembly(source):
            _refuse("a folder of the CDK", source, parameters=parameters, settings=settings)
            return [_stack(one) for one in _assembly.stacks_of(source)]
    return [load(source, environment=environment, settings=settings, region=region, parameters=parameters)]


def load(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Loaded:
    """The plan behind a file, or behind the folder of a module that `synth` wrote.

    `settings` (dotted path → YAML text) are laid over a spec, `parameters` are values for a template.
    Raises InputRefused with every fault that the file has.
    """
    module = module_of(source)
    if module is not None:
        _refuse(Kind.MODULE.value, source, parameters=parameters, settings=settings)
        return _module(module)
    text = read_text(source)
    match kind_of_text(text):
        case Kind.SHOWN as kind:
            from mainstay.formats import terraform  # lazy: nothing else needs its tables

            _refuse(kind.value, source, parameters=parameters, settings=settings)
            seen = terraform.read_seen(text, file=str(source))
            return Loaded(plan=seen.plan, kind=kind, file=str(source), text=text, remarks=seen.remarks)
        case Kind.TEMPLATE as kind:
            _refuse(kind.value, source, settings=settings)
            return _template(source, text, parameters)
    _refuse(Kind.SPEC.value, source, parameters=parameters)
    return load_spec(source, environment=environment, settings=settings, region=region, text=text)


def _template(source: Path, text: str, parameters: Mapping[str, str] | None) -> Loaded:
    from mainstay.api import _assembly, _nested  # lazy: a spec needs no reader of templates
    from mainstay.formats import cloudformation  # lazy, as above

    stack = _assembly.stack_of(source)
    found = stack.source() if stack else cloudformation.Source(text, str(source))
    reading = cloudformation.read_tree(found, parameters=parameters, find=stack.find if stack else _nested.beside)
    return Loaded(plan=reading.plan, kind=Kind.TEMPLATE, file=str(source), text=text, remarks=reading.remarks)


def _stack(stack: Stack) -> Loaded:
    """One stack of the CDK, with the name and region that it gave it, and its resources by their constructs."""
    from mainstay.formats import cloudformation  # lazy, as above

    found = stack.source()
    reading = cloudformation.read_tree(found, parameters={}, find=stack.find)
    regions = tuple(_placed(region, stack) for region in reading.plan.regions)
    plan = dataclasses.replace(reading.plan, regions=regions)
    return Loaded(plan=plan, kind=Kind.TEMPLATE, file=found.file, text=found.text, remarks=reading.remarks)


def _placed(region: RegionPlan, stack: Stack) -> RegionPlan:
    return dataclasses.replace(
        region,
        region=region.region or stack.region,
        stack=region.stack or stack.name,
        resources=tuple(
            # Two stacks may use one name: those that no construct made carry the stack's.
            one if one.address else dataclasses.replace(one, address=f"{stack.title}/{one.key}")
            for one in region.resources
        ),
    )


def _module(source: Path) -> Loaded:
    from mainstay.formats import terraform  # lazy, as above

    files = {path.name: read_text(path) for path in sorted(source.glob("*.tf.json"))}
    return Loaded(plan=terraform.read(files), kind=Kind.MODULE, file=str(source))


def _refuse(
    what: str,
    source: Path,
    *,
    parameters: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> None:
    if parameters:
        raise InputRefused(
            f"{what} has no parameters",
            detail=f"{source} is {what}; there is no place in it for {', '.join(parameters)}.",
            hint="leave --parameter out: `--set` changes a spec, `mainstay deploy --parameter` fills in the stack's",
        )
    if settings:
        raise InputRefused(
            f"{what} has no settings",
            detail=f"{source} is {what}; there is no place in it for {', '.join(settings)}.",
            hint="leave --set out: it changes a spec",
        )


def load_spec(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    text: str | None = None,
) -> Loaded:
    """The plan that a spec asks for; a template is refused, because nothing but a spec can be deployed."""
    from mainstay.plan import passes  # lazy: a template check must not pay for it

    overrides = {**(settings or {}), **({} if region is None else {"region": region})}
    spec, text = read_spec(source, environment=environment, settings=overrides, text=text)
    return Loaded(plan=passes.build(spec), kind=Kind.SPEC, file=str(source), spec=spec, text=text)


def read_spec(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    fallbacks: Mapping[str, str] | None = None,
    text: str | None = None,
) -> tuple[Spec, str]:
    """The spec in a file, and its text. `settings`, `given` and `fallbacks` are those of `spec.load`.

    InputRefused with every fault, and for a file that is something else.
    """
    from mainstay import spec as specs  # lazy: a template check must not pay for pydantic

    text = read_text(source) if text is None else text
    if looks_like_template(text):
        raise InputRefused(
            "not a spec",
            detail=f"{source} is a CloudFormation template.",
            hint="`mainstay check` takes templates; every other command starts from a spec",
        )
    if _TERRAFORM.search(text):
        raise InputRefused(
            "not a spec",
            detail=f"{source} is written for Terraform; only Terraform itself can work its expressions out.",
            hint=_TERRAFORM_HINT,
        )
    file = str(source)
    loaded = specs.load(text, file=file, environment=environment, overrides=settings, given=given, fallbacks=fallbacks)
    return loaded, text


def looks_like_template(text: str) -> bool:
    """Whether a text is a CloudFormation template rather than a spec."""
    if text.lstrip().startswith("{") and _JSON_TEMPLATE.search(text):
        return True
    return _TEMPLATE.search(text) is not None
