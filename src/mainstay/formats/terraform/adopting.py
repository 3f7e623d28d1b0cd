"""What a state has to forget and to import, so that a database is another instance: addresses read off the module."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.plan.values import Json

_TARGET: Final = "aws_db_proxy_target"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A resource's address in the module, and the id by which the provider imports it."""

    address: str
    id: str


def adopted(
    files: Mapping[str, str], identifier: str, groups: Collection[str] = (), *, is_behind_proxy: bool = False
) -> tuple[Adopted, ...]:
    """Of a module whose database is called so: the database, those of its log groups that are there (`groups` are their
    names), and the proxy's target where it leads to this database already.

    Ids as the provider takes them: documentation of the AWS provider 6, aws_db_instance, aws_cloudwatch_log_group and
    aws_db_proxy_target, "Import", 2026-11-21.
    """
    found = (each for text in files.values() for each in _in_file(text, identifier, groups))
    return tuple(each for each in found if is_behind_proxy or not each.address.startswith(_TARGET))


def _in_file(text: str, identifier: str, groups: Collection[str]) -> Iterator[Adopted]:
    blocks = _resources(text)
    proxies = [str(body.get("name")) for kind, _, body in blocks if kind == "aws_db_proxy"]
    for kind, label, body in blocks:
        address = f"{kind}.{label}"
        if kind == "aws_db_instance" and body.get("identifier") == identifier:
            yield Adopted(address, identifier)
        elif kind == "aws_cloudwatch_log_group" and body.get("name") in groups:
            yield Adopted(address, str(body["name"]))
        elif kind == _TARGET:
            yield from (Adopted(address, f"{proxy}/default/RDS_INSTANCE/{identifier}") for proxy in proxies)


def _resources(text: str) -> list[tuple[str, str, Mapping[str, Json]]]:
    """Type, label and arguments of each resource of a file in Terraform's JSON syntax; none of any other file."""
    try:
        document: Json = json.loads(text)
    except ValueError:
        return []
    kinds = document.get("resource") if isinstance(document, Mapping) else None
    return [
        (kind, label, body)
        for kind, labels in (kinds.items() if isinstance(kinds, Mapping) else ())
        for label, body in (labels.items() if isinstance(labels, Mapping) else ())
        if isinstance(body, Mapping)
    ]


def import_blocks(found: Collection[Adopted]) -> str:
    """Blocks that import each of them at the next apply (Terraform 1.5 or later)."""
    return "\n".join(f'import {{\n  to = {one.address}\n  id = "{one.id}"\n}}\n' for one in found)


def removed_blocks(found: Collection[Adopted]) -> str:
    """Blocks by which the state forgets each of them and nothing is destroyed (Terraform 1.7 or later).

    Terraform takes them only while the resource's own block is out of the module (Terraform language, "removed",
    2026-11-21).
    """
    block = "removed {{\n  from = {address}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
    return "\n".join(block.format(address=one.address) for one in found)
