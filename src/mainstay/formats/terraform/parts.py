"""Which of the blocks that were shown belong to which resource: those whose joins all lead to it.

A join leads where its expression does; where that says nothing, by a reference to the resource or by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.formats.terraform.blocks import Beside, Doc
from mainstay.formats.terraform.resolving import UNKNOWN, References
from mainstay.formats.terraform.shown import HIDDEN, Instance
from mainstay.formats.terraform.tables import BY_TYPE

_NAMES: Final = ("id", "name", "bucket")
_REFERENCE: Final = re.compile(r"\$\{([a-z0-9_]+\.[A-Za-z0-9_-]+)\.")


class Parts:
    """The parts of each resource, found by what their joins say: an address, a reference or a name."""

    def __init__(
        self,
        instances: list[Instance],
        bodies: Mapping[str, Doc],
        labels: Mapping[str, str],
        references: References,
    ) -> None:
        self._bodies = bodies
        self._labels = labels
        self._references = references
        self._of_type: dict[str, list[Instance]] = {}
        for one in instances:
            self._of_type.setdefault(one.type_name, []).append(one)
        self._told: dict[tuple[str, str, str], dict[str, list[str]]] = {}

    def of(self, owner: Instance) -> dict[str, list[str]]:
        """The addresses of a resource's parts, by their type."""
        table = BY_TYPE.get(owner.type_name)
        found = {beside.type_name: self._beside(owner, beside) for beside in (table.beside if table else ())}
        return {type_name: addresses for type_name, addresses in found.items() if addresses}

    def _beside(self, owner: Instance, beside: Beside) -> list[str]:
        if not beside.joins:
            return []
        first, *others = (
            self._leading(owner, beside.type_name, argument, attribute) for argument, attribute in beside.joins.items()
        )
        found = [address for address in first if all(address in other for other in others)]
        return found if beside.is_many else found[:1]

    def _leading(self, owner: Instance, type_name: str, argument: str, attribute: str) -> dict[str, None]:
        """The parts of a type whose argument leads to a resource, in their order."""
        place = (owner.type_name, type_name, argument)
        if place not in self._told:
            told: dict[str, list[str]] = {}
            for one in self._of_type.get(type_name, ()):
                for word in self._words_of(one, argument, owner.type_name):
                    told.setdefault(word, []).append(one.address)
            self._told[place] = told
        words = self._words_for(owner, attribute)
        return dict.fromkeys(address for word in words for address in self._told[place].get(word, ()))

    def _words_of(self, one: Instance, argument: str, wanted: str) -> Iterator[str]:
        """What an argument says of its owner. Two resources may have one name, so an expression counts more."""
        mentioned = self._references.mentioned(one, argument, wanted)
        written = self._bodies[one.address].get(argument)
        if mentioned:
            yield from (f"@{address}" for address in mentioned if len(mentioned) == 1)
        elif isinstance(written, str) and written not in (UNKNOWN, HIDDEN):
            yield f"={written}"
            if reference := _REFERENCE.match(written):
                yield f"#{reference[1]}"

    def _words_for(self, owner: Instance, attribute: str) -> Iterator[str]:
        yield f"@{owner.address}"
        yield f"#{owner.type_name}.{self._labels[owner.address]}"
        names = [self._bodies[owner.address].get(attribute), *(owner.values.get(name) for name in _NAMES)]
        yield from (f"={name}" for name in names if isinstance(name, str))
