"""Policies as `data "aws_iam_policy_document"` blocks, which is how people write them in Terraform.

The codec gives the document's own arguments; `module` puts them into a data block and a reference in their place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.records import dataclass
from mainstay.formats.codec import Dialect, Foreign, Reading
from mainstay.formats.lists import texts
from mainstay.formats.scalars import Plain, as_text
from mainstay.formats.table import Row, Rows, blocks
from mainstay.formats.terraform.documents import document_of
from mainstay.plan.policies import Condition, Policy, Principal, Statement
from mainstay.plan.values import Json

DOCUMENT: Final = "aws_iam_policy_document"
_VERSION: Final = "2012-10-17"
_PRINCIPALS: Final = ("Service", "AWS", "Federated", "CanonicalUser", "*")


class Document(dict[str, Json]):
    """The arguments of a policy document, where a block's body holds them for now."""


@dataclass(frozen=True)
class Principals:
    """Who, by kind: principals of one kind stand in one block."""

    absent: object = ()

    def is_silent(self, value: tuple[Principal, ...]) -> bool:
        """Whether nobody is named."""
        return not value

    def write(self, value: tuple[Principal, ...], dialect: Dialect) -> Json:
        """A block for each kind, in the order in which they come."""
        kinds: dict[str, list[Any]] = {}  # Any: values of a plan
        for principal in value:
            kinds.setdefault(principal.kind, []).append(principal.value)
        return [{"type": kind, "identifiers": texts.write(tuple(who), dialect)} for kind, who in kinds.items()]

    def read(self, node: Json, reading: Reading) -> tuple[Principal, ...]:
        """The principals; Foreign when a block is not written out."""
        found: list[Principal] = []
        for block in node if isinstance(node, list) else [node]:
            match block:
                case {"type": str(kind), "identifiers": list(who), **rest} if kind in _PRINCIPALS and not rest:
                    found += [Principal(kind, one) for one in texts.read(who, reading)]  # type: ignore[arg-type]  # one of _PRINCIPALS
                case _:
                    raise Foreign
        return tuple(found)


_STATEMENT: Final = (
    Row("sid", "sid", Plain(str, as_text, silent="")),
    Row("effect", "effect", Plain(str, as_text, silent="Allow")),
    Row("principals", "principals", Principals()),
    Row("not_principals", "not_principals", Principals()),
    Row("actions", "actions", texts),
    Row("not_actions", "not_actions", texts),
    Row("resources", "resources", texts),
    Row("not_resources", "not_resources", texts),
    Row(
        "conditions",
        "condition",
        blocks(
            Condition,
            Row("operator", "test", Plain(str, as_text)),
            Row("key", "variable", Plain(str, as_text)),
            Row("values", "values", texts),
        ),
    ),
)
POLICY: Final = Rows(
    Policy,
    (
        Row("version", "version", Plain(str, as_text, silent=_VERSION)),
        Row("statements", "statement", blocks(Statement, *_STATEMENT)),
    ),
)
"""A document's arguments."""


def _json(node: Json) -> Json:
    if not isinstance(node, str):
        raise Foreign
    try:
        found: Json = json.loads(node)
    except (ValueError, RecursionError) as error:
        raise Foreign from error
    return found


@dataclass(frozen=True)
class PolicyDocument:
    """A policy; one without statements is written as nothing."""

    absent: object = Policy(())

    def is_silent(self, value: Policy) -> bool:
        """Whether there is nothing to write."""
        return not value.statements

    def write(self, value: Policy, dialect: Dialect) -> Json:
        """The document's arguments."""
        return Document(POLICY.write(value, dialect))

    def read(self, node: Json, reading: Reading) -> Policy:
        """The policy, from a document of the module's own or from IAM's JSON; Foreign when it is neither."""
        document = node if isinstance(node, Document) else document_of(_json(node))
        return Policy(**POLICY.read(document, reading))  # type: ignore[arg-type]  # the rows give each field its type


policy = PolicyDocument()


def referring(label: str) -> str:
    """What stands in a document's place."""
    return f"${{data.{DOCUMENT}.{label}.json}}"


def inlined(node: Json, documents: Mapping[str, Mapping[str, Json]]) -> Json:
    """A body with the documents back in their places."""
    if isinstance(node, str):
        label = node.removeprefix(f"${{data.{DOCUMENT}.").removesuffix(".json}")
        return Document(documents[label]) if label in documents and node == referring(label) else node
    if isinstance(node, list):
        return [inlined(item, documents) for item in node]
    return {name: inlined(item, documents) for name, item in node.items()} if isinstance(node, dict) else node
