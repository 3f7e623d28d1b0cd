"""Every row of Terraform's tables against the provider's schema, also those that no blueprint uses.

A row's path and codec say which argument it writes and in which shape. What a table's `outward` rewrites is named in
`REWRITTEN`, with where it goes.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.oracles.finding import Finding
from bench.oracles.provider import TOOL
from bench.oracles.provider_schema import Argument, BlockType, Schema, schemas
from mainstay.formats import cloudformation, lists, scalars
from mainstay.formats.table import Block, Blocks, Row
from mainstay.formats.terraform import TABLES
from mainstay.formats.terraform import blocks as terraform
from mainstay.formats.terraform.blocks import NOWHERE
from mainstay.formats.terraform.codecs import Alone, BlockEach, InJson, InList, NamedBlocks
from mainstay.formats.terraform.expressions import EXPORT, PSEUDO, SECRET_READ, ZONES
from mainstay.formats.terraform.policies import DOCUMENT, POLICY, PolicyDocument, Principals

BLOCK: Final = "block"
_ASIDE: Final = ".//."
_PASSWORD: Final = "aws_secretsmanager_random_password"  # the type of a block
REWRITTEN: Final[Mapping[str, str]] = {
    "aws_secretsmanager_secret.generate.template": "",  # becomes a part of the version's text
    "aws_secretsmanager_secret.generate.key": "",
    "aws_secretsmanager_secret.generate": _PASSWORD,
    "aws_secretsmanager_secret_version.secret": "aws_secretsmanager_secret_version.secret_id",
    "aws_secretsmanager_secret_version.target": "",
    "aws_flow_log.log_group": "aws_flow_log.log_destination",
}
"""What no argument is called, and where `outward` puts it; empty where it becomes a part of a text."""

SUPPLIED: Final = frozenset(
    {
        "aws_lambda_function.logging_config.log_format",
        "aws_s3_bucket_lifecycle_configuration.rule.id",
        "aws_s3_bucket_logging.target_bucket",
        "aws_s3_bucket_logging.target_prefix",
    }
)
"""What `outward` writes where a plan says nothing, because the provider cannot do without."""

READ: Final[tuple[tuple[str, str, str], ...]] = (
    *(("data", type_name, attribute) for type_name, attribute in PSEUDO.values()),
    ("data", ZONES, "names"),
    ("data", EXPORT, "value"),
    ("ephemeral", SECRET_READ, "secret_string"),
    ("ephemeral", _PASSWORD, "random_password"),
)
"""What expressions read besides the attributes of resources."""

# A day of as many GiB as make a whole number in every unit that a quantity is written in.
_SAMPLE: Final = float(86_400 * 2**30)
_STORED: Final[Mapping[type, str]] = {str: "string", bool: "boolean", int: "number", float: "number"}


@dataclass(frozen=True, slots=True)
class Use:
    """An argument that a table writes: its path behind the type, its shape, and whether each plan has it.

    One that `follows` is written because its block is, and makes none by itself.
    """

    type_name: str
    path: str
    shape: str
    is_sure: bool
    follows: bool = False


def rows(site_packages: Path) -> set[Finding]:
    """What the schema says of every table, and of every attribute that a reference reads."""
    types = {name for table in TABLES.values() for name in table.types} | {name for _, name, _ in READ} | {DOCUMENT}
    known = schemas(site_packages, types)
    policy = _of(Block(POLICY), DOCUMENT, is_sure=True)
    found = {
        Finding(TOOL, "table", f"tables/{table.kind.__name__}", said)
        for table in TABLES.values()
        for said in (*_written(table, known), *_read(table, known))
    }
    found |= {
        Finding(TOOL, "table", "tables/Policy", said) for said in complaints(DOCUMENT, policy, known["data", DOCUMENT])
    }
    return found | {
        Finding(TOOL, section, f"tables/{type_name}", f"{attribute} cannot be read")
        for section, type_name, attribute in READ
        if (section, type_name) not in known or attribute not in known[section, type_name].attributes
    }


def uses(table: terraform.Blocks) -> Iterator[Use]:
    """What a table's rows, joins and derived arguments write."""
    for row in table.rows:
        yield from _of(row.codec, row.path, _is_sure(table.kind, row, table))
    for beside in table.beside:
        yield from (Use(beside.type_name, name, "string", is_sure=True, follows=True) for name in beside.joins)
    for path in table.derived:
        type_name, _, argument = path.partition(".")
        yield Use(type_name, argument, "", is_sure=False, follows=True)
    for path in sorted(SUPPLIED | set(table.needs)):
        type_name, _, argument = path.partition(".")
        if type_name in table.types:
            yield Use(type_name, argument, "", is_sure=True, follows=True)


def _is_sure(record: type, row: Row, table: terraform.Blocks | None = None) -> bool:
    spec = next(one for one in dataclasses.fields(record) if one.name == row.field)
    has_default = spec.default is not dataclasses.MISSING or spec.default_factory is not dataclasses.MISSING
    is_named = table is not None and row.path == f"{table.type_name}.{table.named}"
    return is_named or not has_default or (spec.default is not dataclasses.MISSING and spec.default is not None)


def _of(codec: Any, path: str, is_sure: bool) -> Iterator[Use]:  # Any: a codec of any kind
    target = REWRITTEN.get(path, path)
    if not target or _ASIDE in path:
        return
    type_name, _, argument = target.partition(".")
    match codec:
        case Alone():
            yield from _of(codec.item, path, is_sure)
        case Block() | Blocks():
            yield Use(type_name, argument, BLOCK, is_sure)
            for row in codec.rows.rows:
                inner = REWRITTEN.get(f"{path}.{row.path}", f"{target}.{row.path}")
                yield from _of(row.codec, inner, is_sure=_is_sure(codec.rows.record, row)) if inner else ()
        case NamedBlocks():
            yield Use(type_name, argument, BLOCK, is_sure)
            yield from _of(scalars.text, f"{target}.{codec.name}", True)
            yield from _of(codec.item, f"{target}.{codec.value}", True)
        case Principals():
            yield Use(type_name, argument, BLOCK, is_sure)
            yield Use(type_name, f"{argument}.type", "string", True)
            yield Use(type_name, f"{argument}.identifiers", "list", True)
        case BlockEach():
            yield Use(type_name, argument, BLOCK, is_sure)
            yield from _of(codec.items.item, ".".join(filter(None, (target, codec.argument))), True)
        case _:
            yield Use(type_name, argument, shape(codec), is_sure)


def shape(codec: Any) -> str:  # Any: a codec of any kind
    """What a codec writes, in the words of the schema: `string`, `number`, `boolean`, `list`, `map`."""
    match codec:
        case lists.Each() | InList():
            return "list"
        case lists.Named():
            return "map"
        case lists.LinkTo() | InJson() | PolicyDocument():
            return "string"
    return _STORED[type(codec.to_wire(_SAMPLE))]


def _written(table: terraform.Blocks, known: Mapping[tuple[str, str], BlockType]) -> Iterator[str]:
    written = list(uses(table))
    sections = {one.type_name: one.block for one in table.beside}
    for type_name in {one.type_name for one in written}:
        block = known.get((sections.get(type_name, "resource"), type_name))
        yield from complaints(type_name, written, block, is_always=type_name == table.type_name)
    for name in table.ignores:
        if name not in known["resource", table.type_name].arguments:
            yield f"{table.type_name}.{name} is unknown, and cannot be ignored"


def complaints(
    type_name: str, written: Iterable[Use], block: BlockType | None, *, is_always: bool = True
) -> Iterator[str]:
    """What is wrong with what is written into blocks of one type, one of which there is always, or where one is due."""
    if block is None:
        yield f"{type_name} is unknown"
        return
    of_type = [one for one in written if one.type_name == type_name]
    for use in of_type:
        yield from (f"{type_name}.{said}" for said in _fits(use, block.arguments))
    blocks = {use.path for use in of_type if use.shape == BLOCK}
    for path in sorted({"", *blocks, *(use.path.rpartition(".")[0] for use in of_type)}):
        is_there = is_always if not path else any(use.path == path for use in of_type)
        yield from (f"{type_name}.{said}" for said in _missing(path, block.arguments, of_type, is_there=is_there))


def _fits(use: Use, schema: Schema) -> Iterator[str]:
    argument = _at(schema, use.path)
    if use.path and argument is None:
        yield f"{use.path} is unknown"
    elif argument is not None and use.shape and not _takes(stored := _stored(argument), use.shape):
        yield f"{use.path} is no {use.shape}, it is a {stored}"


def _takes(stored: str, written: str) -> bool:
    """Whether Terraform takes one shape for another: it turns a number into the text of it."""
    return stored == written or (stored, written) == ("string", "number")


def _stored(argument: Argument) -> str:
    if argument.block is not None:
        return BLOCK
    return {"set": "list", "simple": argument.storage}.get(argument.kind, argument.kind)


def _at(schema: Schema, path: str) -> Argument | None:
    *between, last = path.split(".")
    for part in between:
        inner = schema.get(part)
        if inner is None or inner.block is None:
            return None
        schema = inner.block
    return schema.get(last)


def _missing(path: str, schema: Schema, uses_: Sequence[Use], *, is_there: bool) -> Iterator[str]:
    """Arguments that a block has to have, and that a plan may come without.

    Where nothing else makes the block, it is not written without them either.
    """
    owner = _at(schema, path) if path else None
    members = schema if not path else (owner.block if owner else None) or {}
    prefix = f"{path}." if path else ""
    here = [use for use in uses_ if use.path.startswith(prefix) and use.path]
    for name in (name for name, argument in members.items() if argument.is_required):
        own = [use for use in here if f"{use.path}.".startswith(f"{prefix}{name}.")]
        others = [use for use in here if use not in own and not use.follows]
        if not any(use.is_sure for use in own) and (others or is_there or not own):
            yield f"{prefix}{name} is required, and {'a plan may come without it' if own else 'nothing writes it'}"


def _read(table: terraform.Blocks, known: Mapping[tuple[str, str], BlockType]) -> Iterator[str]:
    """Attributes that a reference may read, and that the provider does not have."""
    attributes = known["resource", table.type_name].attributes
    elsewhere = cloudformation.TABLES[table.kind]
    for name in sorted({"id", table.ref_is, *elsewhere.attributes, *table.attributes}):
        theirs = re.sub(r"\[\d+\]", "", table.attributes.get(name, name))
        if theirs != NOWHERE and theirs not in attributes:
            yield f"{table.type_name}.{theirs} cannot be read, which is the plan's {name}"
    for beside in table.beside:
        for attribute in beside.joins.values():
            if attribute not in attributes:
                yield f"{table.type_name}.{attribute} cannot be read, which joins {beside.type_name}"
