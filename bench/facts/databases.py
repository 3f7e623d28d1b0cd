"""Versions and classes of RDS, out of the lists that cfn-lint asks AWS for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from bench.facts.carriers import additional, extension
from mainstay.facts import ENGINES, class_shape, order

_INSTANCE: Final = "aws_rds_dbinstance"
_SIZES: Final = ("micro", "small", "medium", "large", "xlarge")
# Classes of before, which nobody chooses any more and whose shape the table leaves out.
_PAST: Final = frozenset({"m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"})
# Family, and its sizes in a region.
Offer: TypeAlias = dict[str, tuple[str, ...]]


def creatable(_: Any) -> dict[str, list[str]]:  # Any: the part as it stands
    """Versions of each engine that RDS has not withdrawn, oldest first; a bare major is none."""
    there, gone = _versions("engine_version"), _versions("engine_version_deprecated")
    return {
        engine: sorted((one for one in there[engine] - gone.get(engine, set()) if "." in one), key=order)
        for engine in sorted(ENGINES)
    }


def classes_by_region(_: Any) -> dict[str, Any]:  # Any: the part as it stands
    """The sizes of each family, and which families a region offers for which engine."""
    sizes: dict[str, tuple[str, ...]] = {}
    offered = {}
    for region, rules in sorted(extension(_INSTANCE, "dbinstanceclass_enum").items()):
        names = {engine: _named(offer, sizes) for engine, offer in _offers(rules)}
        if names:
            offered[region] = _shared(names)
    return {"sizes": {name: " ".join(sizes[name]) for name in sorted(sizes)}, "offered": offered}


def runtimes(_: Any) -> dict[str, Any]:  # Any: the part as it stands
    """Runtimes of Lambda with the days on which patches and creation end, and what follows them."""
    return {
        name: {"deprecated": row["deprecated"], "create_block": row["create-block"], "successor": row["successor"]}
        for name, row in sorted(additional("LmbdRuntimeLifecycle").items())
    }


def without_shape() -> list[str]:
    """Classes that some region offers, and whose shape the table does not know; neither package carries shapes."""
    rules = [rule for region in extension(_INSTANCE, "dbinstanceclass_enum").values() for rule in region["allOf"]]
    ours = [rule for rule in rules if rule["if"]["properties"]["Engine"].get("const") in ENGINES]
    offered = {name for rule in ours for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]}
    return sorted(name for name in offered if name.split(".")[1] not in _PAST and class_shape(name) is None)


def _versions(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in extension(_INSTANCE, name)["allOf"]:
        asked = rule["if"]["properties"]
        said = asked if rule["then"] is False else rule["then"]["properties"]
        if "const" in asked["Engine"]:
            found[asked["Engine"]["const"]] = set(said["EngineVersion"]["enum"])
    return found


def _offers(rules: Mapping[str, Any]) -> Iterator[tuple[str, Offer]]:
    """Each of our engines in one region with its families; licences do not matter for them."""
    for engine in sorted(ENGINES):
        families: defaultdict[str, set[str]] = defaultdict(set)
        for rule in rules["allOf"]:
            if rule["if"]["properties"]["Engine"].get("const") == engine:
                for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]:
                    _, family, size = name.split(".", 2)
                    families[family].add(size)
        if families:
            yield engine, {family: tuple(sorted(found, key=_by_size)) for family, found in families.items()}


def _named(offer: Offer, sizes: dict[str, tuple[str, ...]]) -> str:
    """Names of families with their sizes, which are entered into `sizes`; `m1/2` is a second form of `m1`."""
    names = []
    for family in sorted(offer):
        number = 1
        while sizes.setdefault(name := family if number == 1 else f"{family}/{number}", offer[family]) != offer[family]:
            number += 1
        names.append(name)
    return " ".join(names)


def _shared(names: Mapping[str, str]) -> dict[str, str]:
    """Engines that offer the same stand in one key."""
    engines: defaultdict[str, list[str]] = defaultdict(list)
    for engine, offer in names.items():
        engines[offer].append(engine)
    return {" ".join(those): offer for offer, those in engines.items()}


def _by_size(name: str) -> tuple[int, Sequence[int]]:
    found = re.fullmatch(r"(\d*)(.+)", name)
    size = found[2] if found else name
    known = _SIZES.index(size) if size in _SIZES else len(_SIZES)
    return known, (int(found[1]) if found and found[1] else 0,)
