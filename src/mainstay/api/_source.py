"""What a command was pointed at: a spec that somebody wrote, or a template in somebody's format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mainstay.core.errors import InputRefused

if TYPE_CHECKING:
    from mainstay.plan.plan import Plan
    from mainstay.spec import Spec

# A spec has no top-level key of these names; a template has at least one (CloudFormation template anatomy).
_TEMPLATE: Final = re.compile(r"""^\s*\{?\s*["']?(Resources|AWSTemplateFormatVersion)["']?\s*:""", re.MULTILINE)
# In JSON on one line they stand after a brace or a comma.
_JSON_TEMPLATE: Final = re.compile(r"""[{,]\s*"(Resources|AWSTemplateFormatVersion)"\s*:""")
# What the output of `terraform show -json` holds at its top (Terraform's documentation, JSON output format; checked
# 2026-11-21).
_SHOWN: Final = re.compile(r"""[{,]\s*"format_version"\s*:""")
# What a Terraform file begins its blocks with, and what a plan in JSON holds at its top
# (Terraform's documentation: configuration syntax; JSON output format; checked 2026-11-20).
_TERRAFORM: Final = re.compile(
    r"""^(?:(?:resource|module|provider|terraform|variable|data|locals|output)\s*(?:"[^"\n]*"\s*){0,2}\{"""
    r"""|\s*\{?\s*"(?:terraform_version|planned_values)"\s*:)|[{,]\s*"terraform_version"\s*:""",
    re.MULTILINE,
)
# A plan of Terraform shows everything several times over; templates have a bound of their own.
_LARGEST: Final = 32 * 2**20
_TERRAFORM_HINT: Final = (
    "show it as a plan: terraform plan -out tfplan && terraform show -json tfplan > tfplan.json, then "
    "mainstay check tfplan.json"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan, and the spec behind it when there is one."""

    plan: Plan
    spec: Spec | None
    file: str
    text: str = ""


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
    if (source / "main.tf.json").is_file():
        _refuse("a module", source, parameters=parameters, settings=settings)
        return _module(source)
    text = read_text(source)
    if _is_shown(text):
        from mainstay.formats import terraform  # lazy: nothing else needs its tables

        _refuse("a plan of Terraform", source, parameters=parameters, settings=settings)
        return Loaded(terraform.read_shown(text, file=str(source)), None, str(source), text)
    if looks_like_template(text):
        from mainstay.formats import cloudformation  # lazy: a spec needs no reader of templates

        _refuse("a template", source, settings=settings)
        return Loaded(cloudformation.read(text, file=str(source), parameters=parameters), None, str(source), text)
    _refuse("a spec", source, parameters=parameters)
    return load_spec(source, environment=environment, settings=settings, region=region, text=text)


def _module(source: Path) -> Loaded:
    from mainstay.formats import terraform  # lazy, as above

    files = {path.name: read_text(path) for path in sorted(source.glob("*.tf.json"))}
    return Loaded(terraform.read(files), None, str(source))


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


def _is_shown(text: str) -> bool:
    return text.lstrip().startswith("{") and _SHOWN.search(text, 0, 10_000) is not None


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
    return Loaded(passes.build(spec), spec, str(source), text)


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


def read_text(source: Path) -> str:
    """A file's text; InputRefused says why it cannot be read."""
    try:
        if source.stat().st_size > _LARGEST:
            raise InputRefused(
                "file too large",
                detail=f"{source} has {source.stat().st_size:,} bytes; AWS takes templates of up to 1 MB.",
                hint="point at a spec or a single template",
            )
        return source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputRefused(
            "no such file", detail=f"{source} does not exist.", hint="`mainstay init` writes a first database.yaml"
        ) from None
    except IsADirectoryError:
        raise InputRefused(
            "not a file",
            detail=f"{source} is a directory.",
            hint=f"name the file in it, such as {source}/database.yaml",
        ) from None
    except UnicodeDecodeError as error:
        raise InputRefused(
            "not a text file", detail=f"{source} is not UTF-8 at byte {error.start}.", hint="save it as UTF-8 text"
        ) from None
    except OSError as error:
        raise InputRefused(
            "file cannot be read", detail=f"{source}: {error.strerror}.", hint="check its permissions"
        ) from None
