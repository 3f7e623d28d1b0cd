"""What stands around a module's blocks: variables, outputs, versions with the provider, and the README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.core.records import dataclass
from mainstay.formats.codec import CannotExpress
from mainstay.formats.scalars import text
from mainstay.formats.terraform.blocks import ASIDE, Doc
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.region import variable
from mainstay.formats.terraform.words import Fleeting, Template
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.plan.resources import Function
from mainstay.plan.values import If, Json

_CONDITION: Final = "Condition"
PROVIDER: Final = ">= 6.0, < 7.0"
"""`region` as an argument of every resource, and of `data.aws_region`, came with 6.0 (upgrade guide, 2026-11-21)."""
TERRAFORM: Final = ">= 1.11"
"""Write-only arguments came with 1.11 (Terraform's release notes, 2026-11-21)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Where the state lies: a bucket, locked by an object beside it (`use_lockfile`, Terraform ≥ 1.10)."""

    bucket: str
    key: str
    region: str


def outputs(region: RegionPlan, dialect: Terraform) -> Doc:
    """`outputs.tf.json`; empty when there is nothing to tell."""
    names = dialect.scope.outputs
    members = {names[one.name]: write_output(one, names[one.name], dialect) for one in region.outputs}
    return {"output": members} if members else {}


def write_output(one: Output, name: str, dialect: Terraform) -> Doc:
    """An output of that name; CannotExpress when a state must not hold it, or only CloudFormation knows its words."""
    condition = one.extras.get(_CONDITION)
    rest = [name for name in one.extras if name != _CONDITION or condition not in dialect.scope.conditions]
    if rest:
        raise CannotExpress(f"the output '{one.name}' has {', '.join(rest)}, which belong to CloudFormation")
    value = text.write(one.value if condition is None else If(str(condition), one.value, None), dialect)
    if isinstance(value, Fleeting):
        raise CannotExpress(f"the output '{one.name}' would tell a secret")
    aside: Doc = {} if key_of(name) == one.name else {"key": one.name}
    if condition is not None:
        aside[_CONDITION] = condition
    if one.export is not None:
        aside["export"] = text.write(one.export, dialect)
    body: Doc = {ASIDE: aside} if aside else {}
    body["value"] = value
    return body | ({"description": Template(one.description)} if one.description else {})


def read_output(name: str, body: Mapping[str, Json], dialect: Terraform) -> Output:
    """An output; whatever has no field there is among its extras."""
    rest = dict(body)
    aside = rest.pop(ASIDE, {})
    aside = aside if isinstance(aside, dict) else {}
    export = aside.get("export")
    value = dialect.parse(rest.pop("value", None))
    if isinstance(value, If) and aside.get(_CONDITION) == value.condition:
        # An output that is nothing is not there.
        rest[_CONDITION], value = value.condition, value.when_true
    return Output(
        name=str(aside.get("key", key_of(name))),
        value=value,  # type: ignore[arg-type]  # a value of a plan
        description=str(rest.pop("description", "")),
        export=None if export is None else dialect.parse(export),  # type: ignore[arg-type]  # a value of a plan
        extras=rest,
    )


def versions(plan: Plan, backend: Backend | None) -> Doc:
    """`versions.tf.json`: what this needs, where the state lies, and the provider with its region."""
    terraform: Doc = {
        "required_version": TERRAFORM,
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}},
    }
    if backend:
        terraform["backend"] = {
            "s3": {
                "bucket": backend.bucket,
                "key": backend.key,
                "region": backend.region,
                "encrypt": True,
                "use_lockfile": True,
            }
        }
    providers: list[Json] = [
        ({} if region is plan.primary else {"alias": region.region})
        | ({"region": region.region} if region.region else {})
        for region in plan.regions
    ]
    return {"terraform": terraform, "provider": {"aws": providers[0] if len(providers) == 1 else providers}}


def readme(plan: Plan, backend: Backend | None) -> str:
    """How to use the module, and what it will not do."""
    region = plan.primary
    named = region.stack or "database"
    sets = "".join(f' \\\n    -var {name}="…"' for name in _asked(plan))
    state = (
        f"The state lies in s3://{backend.bucket}/{backend.key}, locked by an object beside it."
        if backend
        else "The state lies in this folder. For more than one person: "
        "`mainstay synth --to terraform --state-bucket NAME` writes an S3 backend with locking."
    )
    return f"""# {named}

{region.description or "A database in production."}

Written by `mainstay synth --to terraform`; change the spec and write it again rather than changing it here.

```sh
terraform init
terraform plan{sets}
terraform apply{sets}
```

{state}
{_functions(plan)}
- Passwords are ephemeral values that go into write-only arguments: neither a plan file nor the state holds one. That
  needs Terraform {TERRAFORM} and the AWS provider {PROVIDER}.
- Databases, keys and vaults carry `prevent_destroy`. `terraform destroy` stops there; take the line out of
  `main.tf.json` when you mean it.
- What the service changes by itself (storage grown by autoscaling, minor versions, the snapshot that an instance came
  from) is in `ignore_changes`.
"""


def _asked(plan: Plan) -> list[str]:
    """The variables that have to be given."""
    return [
        variable(plan, region, one.name)
        for region in plan.regions
        for one in region.parameters
        if one.default is None and one.source is None
    ]


def _functions(plan: Plan) -> str:
    """How the code of functions gets where the variables say; nothing where there is none."""
    if not any(plan.of(Function)):
        return ""
    return """
The code of the functions is written by `mainstay synth --to terraform --with-functions`, with the variables that say
which package is which; upload the packages and give `code_bucket`.
"""
