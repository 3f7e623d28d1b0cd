"""The AWS provider's own schema, read from the metadata in its published bindings for the CDK Terrain.

The bindings are generated from the provider. Each block's `synthesizeHclAttributes` names its arguments, says which of
them are blocks, and its interface in TypeScript says which are required. Nothing of them is run.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STRUCT: Final = re.compile(r"function (\w+)ToHclTerraform\(struct\) \{(.*?)\n\}", re.DOTALL)
_TOP: Final = re.compile(r"synthesizeHclAttributes\(\) \{(.*?)\n    \}", re.DOTALL)
_ARGUMENT: Final = re.compile(
    r'\n\s+(\w+): \{\n\s+value: (.*?),\n\s+isBlock: (\w+),\n\s+type: "([^"]*)",\n\s+storageClassType: "([^"]*)"'
)
_NESTED: Final = re.compile(r"(\w+?)ToHclTerraform")
_INTERFACE: Final = re.compile(r"export interface (\w+)[^{]*\{(.*?)\n\}", re.DOTALL)
_PROPERTY: Final = re.compile(r"readonly (\w+)(\??):")
_TYPE_NAME: Final = re.compile(r'tfResourceType = "(\w+)"')
_CLASS: Final = re.compile(r"\nclass (\w+) extends cdktn\.(\w+) \{(.*?)\n\}", re.DOTALL)
_READABLE: Final = re.compile(r"// (\w+) - computed: \w+, optional: \w+, required: \w+")
_INSIDE: Final = re.compile(r'= new (\w+?)(?:OutputReference|List|Map)\(this, "(\w+)"')
# A resource, a data source, an ephemeral value: the classes that stand for a whole block.
_WHOLE: Final = re.compile(r"Terraform\w*(?:Resource|DataSource)")
_DEEPEST: Final = 5


class NoBindings(Exception):
    """The bindings are not there, or not as they are understood here."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: a `block` with arguments of its own, or a value; `kind` is the binding's word (`simple`, `set`)."""

    is_block: bool
    is_required: bool
    kind: str
    storage: str
    block: Mapping[str, Argument] | None = None


Schema = Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class BlockType:
    """What a type of block takes, and what can be read of it: `attributes` by path (`endpoint`, `rule.arn`)."""

    arguments: Schema
    attributes: frozenset[str]


def schemas(site_packages: Path, types: Iterable[str]) -> dict[tuple[str, str], BlockType]:
    """Each type by (`resource`, `data` or `ephemeral`, type); NoBindings where one is missing."""
    archive = next(site_packages.glob("cdktn_provider_aws/_jsii/provider-aws@*.jsii.tgz"), None)
    if archive is None:
        raise NoBindings(f"there is no cdktn-provider-aws under {site_packages}")
    wanted = {folder: (kind, name) for name in types for kind, folder in _folders(name)}
    texts: dict[str, dict[str, str]] = {}
    with tarfile.open(archive) as files:
        for member in files:
            parts = member.name.split("/")
            if len(parts) == 4 and parts[2] in wanted and parts[3] in ("index.js", "index.d.ts"):
                content = files.extractfile(member)
                texts.setdefault(parts[2], {})[parts[3]] = content.read().decode() if content else ""
    return {wanted[folder]: parse(found["index.js"], found["index.d.ts"]) for folder, found in texts.items()}


def _folders(name: str) -> Iterable[tuple[str, str]]:
    words = name.removeprefix("aws_").replace("_", "-")
    yield "resource", words
    yield "data", f"data-aws-{words}"
    yield "ephemeral", f"ephemeral-aws-{words}"


def parse(javascript: str, declarations: str) -> BlockType:
    """One type; NoBindings where the text is not as expected."""
    structs = {match[1]: match[2] for match in _STRUCT.finditer(javascript)}
    required = {
        (match[1].lower(), _snake(name))
        for match in _INTERFACE.finditer(declarations)
        for name, optional in _PROPERTY.findall(match[2])
        if not optional
    }
    top, config = _TOP.search(javascript), re.search(r"export interface (\w+Config) extends", declarations)
    if top is None or config is None or not _TYPE_NAME.search(declarations):
        raise NoBindings("the bindings look different from what is understood here")
    return BlockType(_arguments(top[1], config[1], structs, required), frozenset(_readable(javascript)))


def _readable(javascript: str) -> Iterator[str]:
    classes = {match[1]: (match[2], match[3]) for match in _CLASS.finditer(javascript)}
    for kind, text in classes.values():
        if _WHOLE.fullmatch(kind):
            yield from _paths(text, "", classes)


def _paths(text: str, path: str, classes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield from (f"{path}{name}" for name in _READABLE.findall(text))
    for inner, name in _INSIDE.findall(text) if path.count(".") < _DEEPEST else ():
        _, below = classes.get(f"{inner}OutputReference", ("", ""))
        yield from _paths(below, f"{path}{name}.", classes)


def _arguments(text: str, owner: str, structs: Mapping[str, str], required: set[tuple[str, str]]) -> Schema:
    found: dict[str, Argument] = {}
    for name, value, is_block, kind, storage in _ARGUMENT.findall(text):
        nested = next((one for one in _NESTED.findall(value) if one in structs), None)
        block = _arguments(structs[nested], nested, structs, required) if nested else None
        found[name] = Argument(is_block == "true", (owner.lower(), name) in required, kind, storage, block)
    return found


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)
