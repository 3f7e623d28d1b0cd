"""What a page says of two generations: clients or a stack went from one to the other, or the first was given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Evidence = Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The words of one kind: its title, a sentence a verdict, what was claimed and what nobody looked at, the titles of
    its checks, and what source and target were; `fate` is what became of the source, and `onwards` the next step after
    another verdict than PROVEN.
    """

    what: str
    lines: Mapping[str, str]
    onwards: Mapping[str, str]
    claim: str
    uncovered: str
    titles: Mapping[str, str]
    source: str
    fate: str
    target: str


def _of_clients(what: str, which: str) -> Account:
    return Account(
        what=what,
        lines={
            "PROVEN": f"Clients come to the {which} generation, and it answers them.",
            "DISPROVEN": f"Not everything leads clients to the {which} generation. Look before they write.",
            "INCONCLUSIVE": f"Clients are led to the {which} generation. Nobody could see from here that it answers "
            "them.",
        },
        onwards={
            "DISPROVEN": "Put right what failed below, or go back: mainstay restore --undo RUN.",
            "INCONCLUSIVE": "Have somebody come as a client does, where clients are, and compare what answers.",
        },
        claim="that clients come to {target} instead of {source_id}, and that nothing was deleted.",
        uncovered="the data of either, which the evidence of the restore shows",
        titles={"instance": "What leads clients", "usable": "Use", "write": "Writes"},
        source="Clients came to",
        fate="it is kept",
        target="And come to",
    )


ACCOUNTS: Final[Mapping[str, Account]] = {
    "swap": _of_clients("Swap of generations", "new"),
    "undo": _of_clients("Undoing of a swap", "old"),
    "reconcile": Account(
        what="Reconciliation of a stack",
        lines={
            "PROVEN": "The stack holds the generation that clients reach, as its template says. Nothing was deleted.",
            "DISPROVEN": "What the stack holds is not what its template says. Look before the next deployment.",
            "INCONCLUSIVE": "The stack was changed. Nobody could see how far its database is as its template says.",
        },
        onwards={
            "DISPROVEN": "Write what is there into the spec, or deploy what is written, whichever is meant: mainstay "
            "plan --against deployed tells what a deployment does.",
            "INCONCLUSIVE": "Look once more: the same command changes nothing that is as it should be.",
        },
        claim="that stack {stack} holds {target}, which clients reach, instead of {source_id}, and that nothing was "
        "deleted.",
        uncovered="the data of either, which the evidence of the restore shows, and every other resource of the stack",
        titles={"instance": "The stack and its database"},
        source="The stack held",
        fate="it stays outside the stack",
        target="And holds",
    ),
    "discard": Account(
        what="Giving up of a generation",
        lines={
            "PROVEN": "The old generation was ours, nobody needed it, somebody agreed, and it is gone for good.",
            "DISPROVEN": "The old generation was deleted, and not all is as it should be. What is wrong stands below.",
            "INCONCLUSIVE": "The old generation was deleted. Not everything about it could be seen.",
        },
        onwards={
            "DISPROVEN": "See what failed below. Where no last snapshot is available, take one of the database now.",
            "INCONCLUSIVE": "See what is undecided below, in the account itself.",
        },
        claim="that {source} was ours, that nothing led to it or held it, and that it was deleted for good by "
        "somebody who named it.",
        uncovered="whether the last snapshot can be restored, which a drill from it shows",
        titles={"instance": "Why it could go", "cleanup": "What became of it"},
        source="Given up",
        fate="it is gone",
        target="The database is",
    ),
}


def claimed(evidence: Evidence) -> str:
    """What the document of such a kind claims."""
    source, target = (f"{one['identifier']} ({one['resource_id']})" for one in (evidence["source"], evidence["target"]))
    return ACCOUNTS[evidence["kind"]].claim.format(
        source=source, source_id=evidence["source"]["resource_id"], target=target, stack=evidence["source"]["stack"]
    )
