"""What the keys of a section mean: the text below each in the source, as an editor shows it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mainstay.spec.section import Section


def described(schema: dict[str, Any], root: type[Section]) -> dict[str, Any]:  # Any: a JSON schema is JSON
    """A JSON schema of `root` with the meaning of every key that has one."""
    definitions = schema.get("$defs", {})
    for section in _with_all_below(Section):
        shown = schema if section is root else definitions.get(section.__name__)
        if shown is not None:
            for key, meaning in meanings(section).items():
                shown["properties"][key]["description"] = meaning
    return schema


def meanings(section: type[Section]) -> Mapping[str, str]:
    """The meaning of each key, those that it has from another section among them."""
    found = {name: text for one in reversed(section.__mro__) if _has_keys(one) for name, text in _texts(one)}
    return {section.model_fields[name].alias or name: text for name, text in found.items()}


def _has_keys(one: type) -> bool:
    return issubclass(one, Section) and one is not Section


def _with_all_below(section: type[Section]) -> Iterator[type[Section]]:
    for one in section.__subclasses__():
        yield one
        yield from _with_all_below(one)


def _texts(section: type) -> Iterator[tuple[str, str]]:
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    for statement, below in pairwise(written.body if isinstance(written, ast.ClassDef) else []):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
