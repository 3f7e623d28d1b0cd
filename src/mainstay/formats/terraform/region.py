"""One region's blocks: its resources, the policies that they refer to, and what their expressions read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from mainstay.core.errors import InputRefused
from mainstay.formats.codec import CannotExpress
from mainstay.formats.layout import laid_out
from mainstay.formats.terraform import conditions
from mainstay.formats.terraform.blocks import Doc
from mainstay.formats.terraform.counting import COUNT
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.expressions import EXPORT, LOOKED_UP, SECRET_READ, ZONES, bare, export_label
from mainstay.formats.terraform.hcl import settled
from mainstay.formats.terraform.names import RESERVED, labels
from mainstay.formats.terraform.policies import DOCUMENT, Document, referring
from mainstay.formats.terraform.resources import Block
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.tables import TABLES
from mainstay.formats.terraform.words import Template
from mainstay.plan.plan import OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.values import Attr, Import, Json

_DATA: Final = re.compile(r"data\.([a-z_]+)\.([A-Za-z0-9_-]+)\.")
_READ: Final = re.compile(rf"ephemeral\.{SECRET_READ}\.([A-Za-z0-9_-]+)\.")


def scopes(plan: Plan) -> Mapping[str, Scope]:
    """The scope of each region, by its name; CannotExpress names what has no form in any of them."""
    found: dict[str, Scope] = {}
    for region in plan.in_deploy_order:
        found[region.region] = _scope(region, "" if region is plan.primary else region.region, plan, found)
    return found


def _scope(region: RegionPlan, alias: str, plan: Plan, others: Mapping[str, Scope]) -> Scope:
    others_words = [name for name in region.extras if name != conditions.SECTION]
    if others_words:
        raise CannotExpress(f"{', '.join(others_words)} of the template belong to CloudFormation")
    bare_scope = Scope(alias=alias)
    return Scope(
        tables={one.key: TABLES.get(type(one)) for one in region.resources},
        labels=_prefixed(bare_scope.prefix, labels(one.key for one in region.resources)),
        parameters=_prefixed(bare_scope.prefix, _variables(region)),
        outputs=_prefixed(bare_scope.prefix, labels(one.name for one in region.outputs)),
        lists={one.name for one in region.parameters if is_list(one)},
        looked_up={one.name for one in region.parameters if is_looked_up(one)},
        secrets={one.name for one in region.parameters if one.is_secret},
        conditions=_prefixed(bare_scope.prefix, conditions.locals_of(region)),
        sources={one.name: _source(one.source, plan, others) for one in region.parameters if one.source},
        alias=alias,
    )


def _prefixed(prefix: str, names: Mapping[str, str]) -> Mapping[str, str]:
    return {key: prefix + name for key, name in names.items()}


def _variables(region: RegionPlan) -> Mapping[str, str]:
    """The variable of each parameter that has one; a region's prefix makes reserved words usable."""
    return labels((one.name for one in region.parameters if not one.source), RESERVED)


def _source(source: OutputOf, plan: Plan, others: Mapping[str, Scope]) -> str:
    """The other region's attribute itself: inside one module nothing has to be handed over."""
    for region in plan.regions:
        for output in region.outputs if region.region == source.region else ():
            if output.name == source.output and isinstance(output.value, Attr):
                return bare(output.value, others[region.region])
    raise CannotExpress(f"no attribute of a block is the output '{source.output}' of {source.region}")


def variable(plan: Plan, region: RegionPlan, name: str) -> str:
    """The name of the variable that a region's parameter is."""
    return Scope(alias="" if region is plan.primary else region.region).prefix + _variables(region)[name]


def is_list(parameter: Parameter) -> bool:
    """Whether a parameter holds several values."""
    return "CommaDelimitedList" in parameter.type or "List<" in parameter.type


def is_looked_up(parameter: Parameter) -> bool:
    """Whether a parameter's value is the name of one in Systems Manager, which holds what is meant."""
    return parameter.type.startswith("AWS::SSM::Parameter::Value<")


def body_of(region: RegionPlan, blocks: list[Block], outputs: Doc, dialect: Terraform) -> Doc:
    """The file of a region: its locals, data, ephemeral values and resources."""
    documents = list(_documents(blocks))
    settings = conditions.write(region, dialect.scope)
    text = laid_out([settled([dict(block.body) for block in (*blocks, *documents)]), settled([outputs, settings])])
    top: Doc = {}
    name = f"{dialect.scope.prefix}{conditions.STACK_NAME}"
    if f"local.{name}" in text:
        settings[name] = region.stack
    if settings:
        top["locals"] = settings
    everything = [*_needed(text, region, dialect), *documents, *_read_secrets(text, blocks, dialect), *blocks]
    for kind in ("data", "ephemeral", "resource"):
        members = _by_type(block for block in everything if block.kind == kind)
        if members:
            top[kind] = members
    return top


def _by_type(blocks: Iterable[Block]) -> Doc:
    members: dict[str, dict[str, Json]] = {}
    for block in blocks:
        here = members.setdefault(block.type_name, {})
        if block.label in here:
            raise InputRefused(
                "two blocks with one name",
                detail=f"'{block.type_name}.{block.label}' would be written twice.",
                hint="rename one of the resources",
            )
        here[block.label] = block.body
    return dict(members)


def _documents(blocks: list[Block]) -> Iterator[Block]:
    """A data block for each policy, and a reference to it in the policy's place."""
    for block in blocks:
        for name in [name for name, value in block.body.items() if isinstance(value, Document)]:
            document = cast("Document", block.body[name])
            place = f"{block.label}_trust" if name == "assume_role_policy" else block.label
            block.body[name] = Template(referring(place))
            yield Block("data", DOCUMENT, place, {**_counted_as(block), **document})


def _needed(text: str, region: RegionPlan, dialect: Terraform) -> Iterator[Block]:
    """Data blocks that the region's expressions read, but for those of its own policies."""
    exports = {export_label(one.name): one.name for one in _imports(region)}
    provider: Doc = {"provider": f"aws.{dialect.scope.alias}"} if dialect.scope.alias else {}
    for type_name, name in sorted(set(_DATA.findall(text))):
        if type_name == EXPORT:
            yield Block("data", type_name, name, {**provider, "name": exports[name]})
        elif type_name == LOOKED_UP:
            yield Block("data", type_name, name, {**provider, "name": Template(f"${{var.{name}}}")})
        elif type_name != DOCUMENT:
            yield Block("data", type_name, name, {**provider, **({"state": "available"} if type_name == ZONES else {})})


def _imports(node: object) -> Iterator[Import]:
    if isinstance(node, Import):
        yield node
    elif dataclasses.is_dataclass(node):
        for spec in dataclasses.fields(node):
            yield from _imports(getattr(node, spec.name))
    elif isinstance(node, Mapping):
        for item in node.values():
            yield from _imports(item)
    elif isinstance(node, tuple | list):
        for item in node:
            yield from _imports(item)


def _read_secrets(text: str, blocks: list[Block], dialect: Terraform) -> Iterator[Block]:
    """An ephemeral block for each secret that is read: only while Terraform runs, and stored nowhere."""
    versions = {block.label for block in blocks if block.type_name == SECRET_READ}
    owners = {block.label: block for block in blocks if block.type_name in (SECRET_READ, "aws_secretsmanager_secret")}
    provider: Doc = {"provider": f"aws.{dialect.scope.alias}"} if dialect.scope.alias else {}
    for name in sorted(set(_READ.findall(text))):
        owner = f"{SECRET_READ}.{name}.secret_id" if name in versions else f"aws_secretsmanager_secret.{name}.id"
        counted = _counted_as(owners[name]) if name in owners else {}
        yield Block("ephemeral", SECRET_READ, name, {**provider, **counted, "secret_id": Template(f"${{{owner}}}")})


def _counted_as(block: Block) -> Doc:
    """What is made for a block alone is there when the block is."""
    return {COUNT: block.body[COUNT]} if COUNT in block.body else {}
