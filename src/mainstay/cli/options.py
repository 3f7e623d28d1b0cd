"""The options that commands share, each worded once."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mainstay.core.errors import InputRefused
from mainstay.core.units import Duration

if TYPE_CHECKING:
    from mainstay.api._site import Where

DEFAULT_SPEC = Path("database.yaml")

Spec = Annotated[Path, typer.Argument(metavar="SPEC", help="The spec, a YAML file.", show_default=True)]
Source = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help="A spec, a CloudFormation template (JSON or YAML), a folder that the CDK wrote (cdk.out), or what "
        "terraform show -json says.",
    ),
]
Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...",
        help="Specs, CloudFormation templates (JSON or YAML), folders that the CDK wrote (cdk.out), or what "
        "terraform show -json says.",
    ),
]
Synthesised = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help="A spec; or a CloudFormation template, a folder that the CDK wrote (cdk.out), the folder of a module that "
        "synth wrote, or what terraform show -json says.",
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="A value for a template's parameter; repeatable."),
]
Environment = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="NAME",
        envvar="ENVIRONMENT_SUFFIX",
        help="The environment: suffix of names, choice of settings.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="A setting instead of the spec's: database.class=db.m7g.large; repeatable."
    ),
]
Region = Annotated[str | None, typer.Option("--region", metavar="REGION", help="Instead of the spec's region.")]
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="A named profile of your AWS configuration.")
]
RoleArn = Annotated[str | None, typer.Option("--role-arn", metavar="ARN", help="A role to assume first.")]
Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Work in the sandbox of this directory instead of in an AWS account.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output; everything else goes to standard error.")
]
Why = Annotated[bool, typer.Option("--why", help="Show for each failure every way back, and what became of it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before the change set is executed.")]
Stack = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="The stack's name, instead of the one in the plan.")
]


CaBundle = Annotated[
    Path | None,
    typer.Option(
        "--ca-bundle", metavar="FILE", help="Certificates that databases in AWS are trusted by (RDS's bundle)."
    ),
]


class Way(enum.StrEnum):
    """The choices of --through."""

    DIRECT = "direct"
    BASTION = "bastion"


ThroughWay = Annotated[
    Way | None,
    typer.Option(
        "--through",
        help="How databases in AWS are reached: `direct`, or the stack's `bastion` by Session Manager. By default "
        "directly where that is possible, else through the bastion.",
    ),
]


class DrillWay(enum.StrEnum):
    """The choices of --through for a drill, whose questions a function can ask too."""

    DIRECT = "direct"
    FUNCTION = "function"
    BASTION = "bastion"


ThroughDrillWay = Annotated[
    DrillWay | None,
    typer.Option(
        "--through",
        help="How databases in AWS are reached: `direct`, by the stack's validation `function` in their network, or "
        "through its `bastion` by Session Manager. By default directly where that is possible, else by the function "
        "where it is less than ten minutes of work, else through the bastion.",
    ),
]


def where(sandbox: bool, profile: str | None, role_arn: str | None, ca_bundle: Path | None = None) -> Where:
    """The target that the options name."""
    from mainstay.api._site import Where  # lazy: AWS's clients are needed by operations only

    return Where(is_sandbox=sandbox, profile=profile, role_arn=role_arn, ca_bundle=ca_bundle)


def pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE` texts of an option as a mapping; InputRefused says which is none."""
    found: dict[str, str] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        trouble = (
            "has no '='" if not equals else "has no name" if not name else "names it twice" if name in found else ""
        )
        if trouble:
            raise InputRefused(
                f"{option} not understood", detail=f"'{text}' {trouble}.", hint=f"write it as {option} name=value"
            )
        found[name] = value
    return found


def values(given: list[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE` texts, and those of files, later ones over earlier ones; InputRefused says what is none."""
    found: dict[str, str] = {}
    for text in given or []:
        if "=" in text:
            found |= pairs([text], option)
        else:
            from mainstay.api._parameters import read_parameters  # lazy: few commands are given a file

            found |= read_parameters(Path(text))
    return found


def duration(given: str | None, option: str) -> Duration | None:
    """A length of time such as 5m or 1h30m, None when none was given; InputRefused says what is none."""
    try:
        return None if given is None else Duration.parse(given)
    except ValueError as error:
        raise InputRefused(
            f"{option} not understood", detail=f"{error}.", hint=f"write it as {option} 5m or 1h30m"
        ) from None
