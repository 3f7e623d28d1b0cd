"""`mainstay synth`: the plan, in the format of the tool that people already use."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from mainstay.api._source import Loaded, load_all
from mainstay.api._translate import Carried, carried, together
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.core.naming import nearest
from mainstay.formats import cloudformation
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Function


def _terraform(plan: Plan, state_bucket: str | None, *, is_nested: bool) -> Mapping[str, str]:
    from mainstay.formats import terraform  # lazy: its tables are loaded by nobody else

    if is_nested:
        raise InputRefused(
            "no nested form",
            detail="Stacks within a stack are CloudFormation's; Terraform has modules, and this is one.",
            hint="leave --nested out, or choose --to cloudformation",
        )
    region = plan.primary.region
    if state_bucket is None:
        return terraform.render(plan)
    if not _BUCKET.fullmatch(state_bucket):
        raise InputRefused(
            "no name for a bucket",
            detail=f"'{state_bucket}' is not a name that S3 gives to a bucket.",
            hint="use small letters, digits, dots and hyphens, 3 to 63 of them, a letter or digit at both ends",
        )
    if not region:
        raise InputRefused(
            "no region for the state",
            detail="The spec leaves its region open, and a backend cannot.",
            hint="write region: in the spec, or give --region",
        )
    key = f"{plan.primary.stack}/terraform.tfstate"
    return terraform.render(plan, backend=terraform.Backend(bucket=state_bucket, key=key, region=region))


def _cloudformation(plan: Plan, state_bucket: str | None, *, is_nested: bool) -> Mapping[str, str]:
    if state_bucket is not None:
        raise InputRefused(
            "no state to keep",
            detail="CloudFormation keeps a stack's state itself; --state-bucket is for --to terraform.",
            hint="leave it out",
        )
    return cloudformation.render_nested(plan) if is_nested else cloudformation.render(plan)


class _Format(Protocol):
    def __call__(self, plan: Plan, state_bucket: str | None, *, is_nested: bool) -> Mapping[str, str]:
        """The files of a plan by name."""


FORMATS: Final[Mapping[str, _Format]] = {
    "cloudformation": _cloudformation,
    "terraform": _terraform,
}
NOT_CARRIED: Final = "NOT-CARRIED.md"
"""What lies beside a translation: what it lost, and what not to do with it."""
# S3 User Guide, bucketnamingrules, 2026-11-21.
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class SynthResult:
    """File name → text; `out` is where they were written, or None.

    `packages` are the functions' code by file name, when they were asked for; `functions` are those that the plan has.
    """

    format: str
    files: Mapping[str, str]
    out: Path | None
    functions: tuple[str, ...] = ()
    packages: Mapping[str, bytes] = field(default_factory=dict)
    is_nested: bool = False
    carried: Carried | None = None
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """The files with their texts, the packages with their sizes, where they were written, and what is not there."""
        return {
            "format": self.format,
            **(self.carried.as_json() if self.carried else {}),
            "files": dict(self.files),
            "packages": {name: len(content) for name, content in self.packages.items()},
            "out": str(self.out) if self.out else None,
        }


def synth(
    source: Path,
    *,
    to: str = "cloudformation",
    out: Path | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    with_functions: bool = False,
    ca_bundle: Path | None = None,
    state_bucket: str | None = None,
    nested: bool = False,
    parameters: Mapping[str, str] | None = None,
    accept_losses: bool = False,
) -> SynthResult:
    """Compile a spec, or translate what somebody else wrote; with `out`, write the files there, each one whole.

    A template, a module that `synth` wrote, a folder of the CDK (a folder a stack), or what `terraform show -json`
    says is translated: the result lists what could not be carried, and its exit code is 1 when that is anything,
    unless `accept_losses`. `parameters` are values for a template's parameters, which become defaults.

    `with_functions` adds the code of the plan's functions, and a file of parameters that says where it lies.
    `state_bucket` is where Terraform keeps its state, locked; without it, the state lies beside the module.
    `nested` writes CloudFormation's nested form: a parent, and a template for each of its stacks.
    """
    if to not in FORMATS:
        guess = nearest(to, FORMATS)
        raise InputRefused(
            "unknown format",
            detail=f"'{to}' is not a format that this version writes.",
            hint=f"did you mean {guess}?" if guess else f"use one of: {', '.join(FORMATS)}",
        )
    if with_functions and out is None:
        raise InputRefused(
            "nowhere to write the functions",
            detail="Packages are files, and nothing says where to put them.",
            hint="name a directory with --out",
        )
    found = load_all(source, environment=environment, settings=settings, region=region)
    told = _told(source, found, to, region, parameters)
    plans = [one.plan for one in told] or [one.plan for one in found]
    # Each stack of the CDK has a folder of its own, because each is deployed by itself.
    places = _places(plans)
    files: dict[str, str] = {}
    for place, plan in zip(places, plans, strict=True):
        files |= {place + name: text for name, text in FORMATS[to](plan, state_bucket, is_nested=nested).items()}
    packages: dict[str, bytes] = {}
    if with_functions and told:
        raise InputRefused(
            "no code of functions here",
            detail=f"{source} is no spec; whatever its functions run lies where it says.",
            hint="leave --with-functions out",
        )
    if with_functions:
        (plan,) = plans
        packages, values = _functions(plan, ca_bundle)
        files |= PARAMETERS[to](plan, list(files), values)
    if out is not None:
        files |= {place + NOT_CARRIED: one.page for place, one in zip(places, told, strict=False)}
        for name, text in files.items():
            write_whole(out / name, text)
        for name, content in packages.items():
            write_whole(out / name, content)
    functions = () if told else tuple(one.key for plan in plans for one in plan.of(Function))
    exit_code = int(any(one.losses for one in told) and not accept_losses)
    return SynthResult(to, files, out, functions, packages, nested, together(told) if told else None, exit_code)


def _places(plans: Sequence[Plan]) -> list[str]:
    """The folder of each plan, where there are several: its stack's name, with the region where two share one."""
    if len(plans) == 1:
        return [""]
    names = [one.primary.stack for one in plans]
    return [
        f"{name}.{one.primary.region}/" if names.count(name) > 1 else f"{name}/"
        for name, one in zip(names, plans, strict=True)
    ]


def _told(
    source: Path, found: list[Loaded], to: str, region: str | None, parameters: Mapping[str, str] | None
) -> list[Carried]:
    """What became of each translation; nothing for a spec, which is compiled and loses nothing."""
    if found[0].spec is None:
        given = parameters or {}
        return [carried(one, to, given=given, region=region) for one in found]
    if parameters:
        load_all(source, parameters=parameters)  # says why a spec has none
    return []


def _functions(plan: Plan, ca_bundle: Path | None) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """The packages by file name, and for each region the parameters that say which package is which.

    The bucket is not among the parameters: whoever uploads the packages knows it.
    """
    from mainstay.ops.function_packages import needs_ca_bundle, packages_of, read_ca_bundle  # lazy: loads drivers

    is_needed = any(needs_ca_bundle(region) for region in plan.regions)
    bundle = read_ca_bundle(ca_bundle) if is_needed else None
    packages: dict[str, bytes] = {}
    values: list[dict[str, str]] = []
    for region in plan.regions:
        placed = packages_of(region, plan.intent, ca_bundle=bundle)
        packages |= {one.key: one.package.content for one in placed}
        values.append({one.key_parameter: one.key for one in placed})
    return packages, values


def _stack_parameters(plan: Plan, templates: Sequence[str], values: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Beside each template with functions a file of parameters, as `aws cloudformation` takes them."""
    files = {}
    # In nested form a region has several templates; its parent, named after the region alone, takes the parameters.
    parents = [name for name in templates if name.count(".") == min(one.count(".") for one in templates)]
    for template, given in zip(parents, values, strict=True):
        rows = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
        if rows:
            files[template.replace(".template.", ".parameters.")] = json.dumps(rows, indent=2) + "\n"
    return files


def _variables(plan: Plan, files: Sequence[str], values: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """One file of variables, which Terraform reads by itself."""
    from mainstay.formats.terraform.region import variable  # lazy, as above

    given = {
        variable(plan, region, name): value
        for region, named in zip(plan.regions, values, strict=True)
        for name, value in named.items()
    }
    return {"functions.auto.tfvars.json": json.dumps(given, indent=2) + "\n"} if given else {}


PARAMETERS: Final = {"cloudformation": _stack_parameters, "terraform": _variables}


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees what it held before or all that it holds now, never a part."""
    written = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as partial:
            try:
                partial.write(written)
                partial.close()
                whole = Path(partial.name)
                whole.chmod(0o644)
                whole.replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise EnvironmentLacking(
            "file cannot be written",
            detail=f"{path}: {error.strerror}.",
            hint="choose another directory, or make room there",
        ) from error
