"""What a handler looks like, and what every service does to its parameters and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import State, Transaction

Params = Mapping[str, Any]  # Any: botocore's parameters, validated by botocore, in each operation's own shape
Answer = dict[str, Any]  # Any: the same, for what comes back
Handler = Callable[[Transaction, Params], Answer]
Table = Mapping[str, Handler]
Outside = Callable[[State, str, Params], Answer]
"""A handler that is given the state and its region, because it takes longer than a transaction may."""
TagList = list[dict[str, str]]
T = TypeVar("T")


def refuse_if(is_wrong: object, code: str, message: str, http_status: int = 400) -> None:
    """Answer with this error when the condition holds."""
    if is_wrong:
        raise ServiceError(code, message, http_status)


def public(record: Mapping[str, Any]) -> Answer:
    """A record as its owner may see it: members whose names begin with `_` are the sandbox's own."""
    return {name: value for name, value in record.items() if not name.startswith("_")}


def page(items: Sequence[T], token: str | None, size: int, *, code: str = "ValidationError") -> tuple[list[T], str]:
    """One page, and the token of the next one (empty at the end); a token is the position it starts at."""
    refuse_if(token and not token.isdigit(), code, f"The token '{token}' is not valid.")
    start = int(token or 0)
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else ""


def with_token(answer: Answer, token: str, name: str = "NextToken") -> Answer:
    """The answer, with the token when there is another page."""
    return {**answer, name: token} if token else answer


def merged_tags(old: Iterable[Mapping[str, str]], new: Iterable[Mapping[str, str]]) -> TagList:
    """The tags after `new` ones were set over `old` ones, in a stable order."""
    tags: dict[str, str] = {}
    for tag in (*old, *new):
        refuse_if("Key" not in tag, "ValidationException", "A tag has no key.")
        tags[tag["Key"]] = tag.get("Value", "")
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def without_tags(old: Iterable[Mapping[str, str]], keys: Iterable[str]) -> TagList:
    """The tags that stay when these keys are taken away."""
    gone = set(keys)
    return [dict(tag) for tag in old if tag["Key"] not in gone]


def policy_document(text: str, *, code: str, message: str) -> dict[str, Any]:
    """A policy's JSON object; anything else is refused with the service's own code and message."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise ServiceError(code, message)
    return document


def statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy, which may be written as one or as a list."""
    found = document["Statement"]
    return list(found) if isinstance(found, list) else [found]


def as_list(value: Any) -> list[Any]:
    """A policy element that may be written as one or as a list."""
    return list(value) if isinstance(value, list) else [] if value is None else [value]
