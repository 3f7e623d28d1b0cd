"""`mainstay generation reconcile`: the stack, or a state of another tool, holds the generation that clients reach."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal

from mainstay.api._custody import Custody, custodian, draw_missing
from mainstay.api._history import as_deployed
from mainstay.api._proving import filing_of
from mainstay.api._site import Where, deployed_stack, open_site, primary_of, secret_of_primary
from mainstay.api._source import load_spec
from mainstay.api._synth import write_whole
from mainstay.core.progress import Progress, Silent
from mainstay.formats import terraform
from mainstay.formats.terraform.adopting import adopted, import_blocks, removed_blocks
from mainstay.ops.generation import Reconciled, reconcile_stack, serving_after
from mainstay.ops.generation.forms import IDENTIFIER, prefix_of

Tool = Literal["terraform", "cdk"]
_IDENTIFIER_KEY: Final = "database.identifier"
_TERRAFORM: Final = """\
# {name} in the place of the old generation, in Terraform's state

Nothing here was carried out, and no file of the module was touched.

1. Write `database: {{identifier: {name}}}` into the spec; then `mainstay synth --to terraform --out DIR`.
2. Have the state forget the old generation, which stays: `terraform state rm {addresses}`.
   Or by blocks: take these resources out of the module, put `removed.tf` beside it, apply, and put them back.
3. Put `import.tf` beside the module. `terraform plan` has to say {count} to import and nothing to destroy.
4. `terraform apply`; then take `import.tf` away again.
"""
_CDK: Final = """\
# {name} in the place of the old generation, in a stack of the CDK

Nothing here was carried out.

1. Give the construct `identifier` {name} in its database settings (`database.identifier` of the spec).
2. `mainstay generation reconcile --stack {stack} --confirm {stack}` does the rest: `cdk diff` is empty then.

By hand instead of step 2: deploy the stack with `RemovalPolicy.RETAIN` for the database and values in the place of
references to it, deploy it without the database, then `cdk import {stack} --resource-mapping cdk-import.json`, and
deploy with the references again.
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """Files for another tool: which, where, and what they bring it to; nothing was carried out."""

    tool: Tool
    identifier: str
    resource_id: str
    files: tuple[str, ...]
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {**asdict(self), "files": list(self.files)}


@dataclass(frozen=True, slots=True)
class ReconciledStack:
    """What a stack holds now, and what became of the evidence; there is none where nothing was changed."""

    result: Reconciled
    custody: Custody = field(default_factory=Custody)

    @property
    def exit_code(self) -> int:
        """0 when the stack holds it as its template says; 1 when something differs."""
        return self.result.exit_code

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document, with its evidence."""
        return {**self.result.as_json(), **self.custody.as_json()}


def generation_reconcile(
    source: Path,
    *,
    where: Where,
    run: str = "latest",
    confirm: str | None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> ReconciledStack:
    """Have the spec's stack hold the generation that serves after a swap, `run` by id or `latest`.

    `confirm` has to be the stack's name.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    deployed = as_deployed(loaded, site, name)
    plan, holder = deployed.plan, custodian(site, deployed.plan, name)
    result = reconcile_stack(
        site,
        name,
        key=primary_of(plan).key,
        secret=secret_of_primary(site, plan, name),
        planned=str(primary_of(plan).identifier),
        run_id=None if run == "latest" else run,
        confirm=confirm,
        journal=where.journal,
        filing=filing_of(where, deployed, holder),
        progress=progress or Silent(),
    )
    if not result.evidence_file:
        return ReconciledStack(result)
    draw_missing(where.workspace)
    return ReconciledStack(result, holder.keep(where))


def generation_files(
    source: Path,
    *,
    where: Where,
    tool: Tool,
    out: Path,
    run: str = "latest",
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
) -> Handed:
    """Write what Terraform or the CDK takes to hold the generation that serves into `out`; nothing else is touched."""
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    new = serving_after(site, where.journal, name, None if run == "latest" else run)
    if tool == "cdk":
        mapping = {primary_of(loaded.plan).key: {IDENTIFIER: new.identifier}}
        texts = {
            "cdk-import.json": json.dumps(mapping, indent=2) + "\n",
            "README.md": _CDK.format(name=new.identifier, stack=name),
        }
    else:
        renamed = load_spec(
            source,
            environment=environment,
            settings={**(settings or {}), _IDENTIFIER_KEY: new.identifier},
            region=region,
        )
        groups = [one.name for one in site.doors.logs.groups(prefix_of(new.identifier))]
        is_behind = bool(site.doors.proxies.in_front_of(new.identifier))
        found = adopted(terraform.render(renamed.plan), new.identifier, groups, is_behind_proxy=is_behind)
        addresses = " ".join(one.address for one in found)
        texts = {
            "removed.tf": removed_blocks(found),
            "import.tf": import_blocks(found),
            "README.md": _TERRAFORM.format(name=new.identifier, addresses=addresses, count=len(found)),
        }
    for file, text in texts.items():
        write_whole(out / file, text)
    return Handed(tool, new.identifier, new.resource_id, tuple(str(out / file) for file in texts))
