"""What others write as one block and the tables know as several: a group's rule for many, a table with its routes.

The provider's pages aws_security_group_rule and aws_route_table (checked 2026-11-21).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from mainstay.formats.terraform.configured import items, mapping, merged
from mainstay.formats.terraform.shown import Instance
from mainstay.plan.values import Json

_RULE: Final = "aws_security_group_rule"
# One rule of a group for each of its peers, as EC2 keeps them.
_PEERS: Final[Mapping[str, str]] = {
    "cidr_blocks": "cidr_ipv4",
    "ipv6_cidr_blocks": "cidr_ipv6",
    "prefix_list_ids": "prefix_list_id",
    "source_security_group_id": "referenced_security_group_id",
    "self": "referenced_security_group_id",
}
_PLAIN: Final[Mapping[str, str]] = {
    "security_group_id": "security_group_id",
    "protocol": "ip_protocol",
    "from_port": "from_port",
    "to_port": "to_port",
    "description": "description",
}
_DESTINATIONS: Final[Mapping[str, str]] = {
    "cidr_block": "destination_cidr_block",
    "ipv6_cidr_block": "destination_ipv6_cidr_block",
}


def destination(route: Mapping[str, Json]) -> tuple[str, str]:
    """Where a route of a state leads from, to tell it from others."""
    return (str(route.get("route_table_id")), str(route.get("destination_cidr_block") or route.get("cidr_block")))


def split(one: Instance, *, apart: Collection[tuple[str, str]] = ()) -> Iterator[Instance]:
    """The rules that an `aws_security_group_rule` is, a route table and its own routes; another resource as it is.

    A state shows the routes that stand `apart` among the table's own as well.
    """
    if one.type_name == "aws_route_table" and isinstance(one.values.get("route"), list):
        yield from _routes(one, apart)
    elif one.type_name == _RULE and one.values.get("type") in ("ingress", "egress"):
        yield from _rules(one)
    else:
        yield one


def _routes(table: Instance, apart: Collection[tuple[str, str]]) -> Iterator[Instance]:
    unknown, written = mapping(table.unknown).get("route"), table.expressions.get("route")
    at = f"[{json.dumps(int(table.index) if table.index.isdecimal() else table.index)}]" if table.index else ""
    owner: dict[str, Json] = {"references": [f"aws_route_table.{table.name}{at}.id"]}
    arguments = mapping(merged([*written]) if isinstance(written, list) else None)
    yield dataclasses.replace(table, values={name: item for name, item in table.values.items() if name != "route"})
    for place, route in enumerate(items(table.values.get("route"))):
        if destination({**route, "route_table_id": table.values.get("id")}) in apart:
            continue
        late = mapping(unknown[place]) if isinstance(unknown, list) and place < len(unknown) else {}
        yield dataclasses.replace(
            table,
            address=f"{table.address} (route {place + 1})",
            type_name="aws_route",
            name=f"{table.name}_{place + 1}",
            values=_route(route),
            unknown={**_route(late), "route_table_id": True},
            sensitive=None,
            expressions={**_route(arguments), "route_table_id": owner},
        )


def _route(node: Mapping[str, Json]) -> dict[str, Json]:
    return {_DESTINATIONS.get(name, name): item for name, item in node.items()}


def _rules(one: Instance) -> Iterator[Instance]:
    for place, (argument, index) in enumerate(_peers(one)):
        yield dataclasses.replace(
            one,
            address=one.address if place == 0 else f"{one.address} ({place + 1})",
            type_name=f"aws_vpc_security_group_{one.values['type']}_rule",
            name=one.name if place == 0 else f"{one.name}_{place + 1}",
            values=dict(mapping(_of_peer(one.values, argument, index))),
            unknown=_of_peer(one.unknown, argument, index),
            sensitive=_of_peer(one.sensitive, argument, index),
            expressions=mapping(_of_peer(one.expressions, argument, None)),
        )


def _peers(one: Instance) -> list[tuple[str, int | None]]:
    """Each peer by its argument and its place in that; a list that is unknown as a whole is one."""
    found: list[tuple[str, int | None]] = []
    for argument in _PEERS:
        value, unknown = one.values.get(argument), mapping(one.unknown).get(argument)
        if isinstance(value, list):
            found += [(argument, index) for index in range(len(value))]
        elif unknown is True or value not in (None, False, ""):
            found.append((argument, None))
    computed = len(found) > 1 and ("source_security_group_id", None) in found
    # The provider works out the source by itself where the group is its own.
    return [one for one in found if one[0] != "source_security_group_id"] if computed else found or [("self", None)]


def _of_peer(node: Json, argument: str, index: int | None) -> Json:
    """A rule's arguments by their newer names, in values and in the trees beside them."""
    if not isinstance(node, Mapping):
        return node
    found: dict[str, Json] = {ours: node[theirs] for theirs, ours in _PLAIN.items() if theirs in node}
    whole = node.get("security_group_id" if argument == "self" else argument)
    found[_PEERS[argument]] = whole[index] if isinstance(whole, list) and index is not None else whole
    return found
