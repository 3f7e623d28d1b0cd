"""What CloudFormation's schemas and the API's models say about resources: what replaces them, and their bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from bench.facts.carriers import documented, partitions, schema, shape
from mainstay.facts import ENGINES

# Takes the part of the table as it stands, gives it as the package has it.
Question: TypeAlias = Callable[[Any], Any]

_LISTS: Final = {
    "create_only": "createOnlyProperties",
    "conditional": "conditionalCreateOnlyProperties",
    "write_only": "writeOnlyProperties",
}
_NEW: Final = "CreateDBInstanceMessage"
_NAMES: Final = {"postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}


def replacing(table: Any) -> dict[str, Any]:  # Any: the part as it stands
    """For each type of the table the properties that replace it; what the schemas leave open stays."""
    return {name: {**_lists(name), **_ours(row)} for name, row in table.items()}


def regions(_: Any) -> dict[str, Any]:  # Any: the part as it stands
    """Every region with its partition and its name, `Europe (Frankfurt)`."""
    rows = {
        name: {"partition": partition["partition"], "name": row["description"]}
        for partition in partitions()
        for name, row in partition["regions"].items()
    }
    return {name: rows[name] for name in sorted(rows)}


def keyword(type_name: str, name: str, word: str) -> Question:
    """One word of a property's schema: `enum`, `maximum`, `maxLength`, ..."""
    return lambda _: schema(type_name)["properties"][name][word]


def pattern(type_name: str, name: str) -> Question:
    """A property's pattern, without the form for an empty text and in one way of writing."""
    return lambda _: schema(type_name)["properties"][name]["pattern"].removeprefix("^$|").replace("{1}", "")


def bound(service: str, shape_name: str, word: str) -> Question:
    """`min`, `max` or `pattern` of a shape."""
    return lambda _: shape(service, shape_name).metadata[word]


def member_bound(service: str, shape_name: str, member: str, word: str) -> Question:
    """`min`, `max` or `pattern` of a member of a structure; a pattern is of the whole text."""

    def ask(_: Any) -> Any:  # Any: a number or a text
        said = shape(service, shape_name).members[member].metadata[word]
        return f"^{said}$" if word == "pattern" else said

    return ask


def choices(service: str, shape_name: str) -> Question:
    """The values of an enumeration: known ones in the order of the table, then the new ones."""

    return lambda table: _in_order(table, shape(service, shape_name).enum)


def listed(type_name: str, name: str) -> Question:
    """The values that a property's schema lists, in the same order."""
    return lambda table: _in_order(table, schema(type_name)["properties"][name]["enum"])


def client_passwords(table: Any) -> dict[str, list[str]]:  # Any: the part as it stands
    """How clients log in to a proxy, by the family of engines that each kind is named after."""
    kinds = shape("rds", "ClientPasswordAuthType").enum
    starts = {family: known[0].split("_")[0] for family, known in table.items()}
    said = {family: [one for one in kinds if one.startswith(start)] for family, start in starts.items()}
    return {family: _in_order(known, said[family]) for family, known in table.items()}


def _in_order(table: list[str], said: Sequence[str]) -> list[str]:
    """What the package lists: first what the table has, in its order, then what is new."""
    return [one for one in table if one in said] + [one for one in said if one not in table]


def said(member: str, words: str, *, shape_name: str = _NEW) -> Question:
    """A whole number that the model of RDS states in its text about a member; `words` is a pattern with one group."""
    return lambda _: int(_found(shape_name, member, words))


def said_word(member: str, words: str) -> Question:
    """A word that the model states in its text."""
    return lambda _: _found(_NEW, member, words)


def numbers_between_bars(member: str) -> Question:
    """`Valid Values: 0 | 1 | 5` as numbers."""
    return lambda _: [int(one) for one in _found(_NEW, member, r"Valid Values: ([\d |]+\d)").split(" | ")]


def log_exports(_: Any) -> dict[str, list[str]]:  # Any: the part as it stands
    """The logs that each engine can export."""
    return {
        engine: _found(_NEW, "EnableCloudwatchLogsExports", rf"RDS for {_NAMES[engine]} - ([\w. |-]+?)(?: RDS for|$)")
        .strip()
        .split(" | ")
        for engine in sorted(ENGINES)
    }


def password_lengths(engine: str) -> Question:
    """How long a master password may be."""

    def ask(_: Any) -> dict[str, int]:
        words = rf"RDS for {_NAMES[engine]} - Must contain from (\d+ to \d+) characters"
        least, most = _found(_NEW, "MasterUserPassword", words).split(" to ")
        return {"least": int(least), "most": int(most)}

    return ask


def usual_port(engine: str) -> Question:
    """The port that an instance gets where none is asked for."""
    return said("Port", rf"RDS for {_NAMES[engine]} - (\d+)")


def _found(shape_name: str, member: str, words: str) -> str:
    """LookupError when the text says it no more: then a person has to read it."""
    text = documented("rds", shape_name, member)
    found = re.search(words, text)
    if found is None:
        raise LookupError(f"botocore says of {shape_name}.{member} nothing like /{words}/ any more: {text}")
    return found[1]


def _lists(type_name: str) -> dict[str, list[str]]:
    theirs = schema(type_name)
    found = {
        ours: [path.removeprefix("/properties/") for path in theirs.get(word, [])] for ours, word in _LISTS.items()
    }
    return {ours: sorted(paths) for ours, paths in found.items() if paths}


def _ours(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _LISTS}
