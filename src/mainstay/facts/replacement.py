"""What changing a property of a CloudFormation resource does to the thing behind it."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.facts.loading import load


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementFact:
    """The top-level properties of a type that replace the thing when they change, or may do so (`conditional`).

    `is_always` says that the type has no update at all: every change replaces.
    """

    replacing: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    is_always: bool = False


def replacement(type_name: str) -> ReplacementFact:
    """What is known of a CloudFormation type; nothing replaces one that the table lacks."""
    row = load("replacement").data.get(type_name, {})
    also = row.get("also_replacing", [])
    fixed = [*row.get("create_only", ()), *([] if also == "every" else also)]
    return ReplacementFact(
        replacing=frozenset(path.split("/")[0] for path in fixed),
        conditional=frozenset(row.get("conditional", ())),
        is_always=also == "every",
    )


def replacement_types() -> list[str]:
    """The types that the table knows."""
    return list(load("replacement").data)
