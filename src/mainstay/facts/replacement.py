"""What changing a property of a resource does to the thing behind it, in CloudFormation's words and in Terraform's."""

from __future__ import annotations

from typing import Any

from mainstay.core.records import dataclass
from mainstay.facts.loading import load


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementFact:
    """The top-level properties of a type that replace the thing when they change, or may do so (`conditional`).

    `is_always` says that the type has no update at all: every change replaces. `computed` are arguments of Terraform's
    provider that stay as they are when they are left out.
    """

    replacing: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What is lost with a resource; `is_guarded` when no update may lose it unless it is confirmed by name."""

    what: str
    is_guarded: bool


def replacement(type_name: str) -> ReplacementFact:
    """What is known of a type of CloudFormation or Terraform; nothing replaces one that the tables lack."""
    row = _rows(type_name).get(type_name, {})
    also = row.get("also_replacing", [])
    fixed = [*row.get("create_only", ()), *([] if also == "every" else also)]
    return ReplacementFact(
        replacing=frozenset(path.split("/")[0] for path in fixed),
        conditional=frozenset(row.get("conditional", ())),
        computed=frozenset(row.get("computed", ())),
        is_always=also == "every",
    )


def has_replacement_facts(type_name: str) -> bool:
    """Whether the tables know what replaces a type."""
    return type_name in _rows(type_name)


def replacement_types() -> list[str]:
    """The types of CloudFormation that the table knows."""
    return list(load("replacement").data)


def held(type_name: str) -> Held | None:
    """What a resource of that type holds that is lost with it; None for one that is made anew without a loss."""
    row = load("stateful").data.get(type_name)
    return None if row is None else Held(row["holds"], row["guarded"])


def guarded_types() -> frozenset[str]:
    """The types of CloudFormation and Terraform that no update may lose unconfirmed."""
    return frozenset(name for name, row in load("stateful").data.items() if row["guarded"])


def _rows(type_name: str) -> Any:  # Any: JSON
    return load("replacement" if "::" in type_name else "provider_replacement").data
