"""What the CDK wrote (`cdk.out`): its stacks, with the paths of their constructs and the templates that they nest.

The CDK's cloud assembly schema, `manifest.ts` and `assets/` (version 55, 2026-11-21): a manifest names artifacts, and
assemblies of stages lie in folders of their own. A nested stack's template is an asset that its address names by hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mainstay.api._files import is_file, read_text
from mainstay.api._nested import beside
from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.plan.values import Join, Json

if TYPE_CHECKING:
    from mainstay.formats.cloudformation.children import Source

MANIFEST: Final = "manifest.json"
MOST_STACKS: Final = 500
_MOST_LEVELS: Final = 10
_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_ASSETS: Final = "cdk:asset-manifest"
_NO_REGION: Final = "unknown-region"
# One template may hold the same logical id as the stack that nests it: the file tells them apart.
Addresses = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly. `addresses` are paths of constructs by template and logical id, `assets` are files by
    the last part of where they will lie.
    """

    name: str
    title: str
    region: str
    template: Path
    addresses: Addresses = field(default_factory=dict)
    assets: Mapping[str, Path] = field(default_factory=dict)

    def source(self) -> Source:
        """Its template."""
        return self._named(self.template, read_text(self.template))

    def find(self, url: object, body: Mapping[str, Json], file: str) -> Source | str:
        """A nested stack's template, by the asset that its address or its metadata names."""
        metadata = _mapping(body.get("Metadata"))
        named = metadata.get("aws:asset:path") if metadata.get("aws:asset:property") == "TemplateURL" else None
        end = url.parts[-1] if isinstance(url, Join) else url
        path = self.assets.get(str(end).rpartition("/")[2])
        if isinstance(named, str):
            path = Path(file).parent / named
        return self._named(path, read_text(path)) if path and is_file(path) else beside(url, body, file)

    def _named(self, path: Path, text: str) -> Source:
        from mainstay.formats.cloudformation.children import Source  # lazy: nobody but templates needs the reader

        return Source(text, str(path), {key: way for (file, key), way in self.addresses.items() if file == path.name})


def is_assembly(folder: Path) -> bool:
    """Whether the CDK wrote a folder."""
    return is_file(folder / MANIFEST)


def stacks_of(folder: Path) -> list[Stack]:
    """Every stack of an assembly and of those within it; InputRefused when there is none, or the manifest is none."""
    found = list(_stacks(folder, 0))
    if not found or len(found) > MOST_STACKS:
        raise InputRefused(
            "no stack to check" if not found else "too many stacks",
            detail=f"{folder / MANIFEST} names {len(found)} stacks; from 1 to {MOST_STACKS} are checked at once.",
            hint="write the assembly with cdk synth, or name a template in it",
        )
    return found


def stack_of(template: Path) -> Stack | None:
    """The stack that a template belongs to, when it lies in an assembly."""
    if not is_assembly(template.parent):
        return None
    return next((one for one in _stacks(template.parent, 0) if one.template == template), None)


def _stacks(folder: Path, level: int) -> Iterator[Stack]:
    if level > _MOST_LEVELS:
        raise InputRefused(
            "assemblies nested too deeply",
            detail=f"{folder} lies {level} levels deep.",
            hint="an assembly must not name itself; write it anew with cdk synth",
        )
    artifacts = _mapping(_json(folder / MANIFEST).get("artifacts"))
    assets: dict[str, Path] = {}
    for artifact in map(_mapping, artifacts.values()):
        if artifact.get("type") == _ASSETS and isinstance(file := _properties(artifact).get("file"), str):
            assets |= _assets(folder, file)
    for name, artifact in ((name, _mapping(one)) for name, one in artifacts.items()):
        properties = _properties(artifact)
        inner, template = properties.get("directoryName"), properties.get("templateFile")
        if artifact.get("type") == _ASSEMBLY and isinstance(inner, str):
            yield from _stacks(folder / inner, level + 1)
        elif artifact.get("type") == _STACK and isinstance(template, str):
            yield Stack(
                name=_text(properties.get("stackName")) or name,
                title=_text(artifact.get("displayName")) or name,
                region=_region(artifact.get("environment")),
                template=folder / template,
                addresses=_addresses(folder, artifact, template),
                assets=assets,
            )


def _assets(folder: Path, file: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for asset in map(_mapping, _mapping(_json(folder / file).get("files")).values()):
        path = _mapping(asset.get("source")).get("path")
        for place in map(_mapping, _mapping(asset.get("destinations")).values()):
            key = place.get("objectKey")
            if isinstance(key, str) and isinstance(path, str):
                found[key.rpartition("/")[2]] = folder / path
    return found


def _addresses(folder: Path, artifact: Mapping[str, Json], template: str) -> dict[tuple[str, str], str]:
    """The construct's path of each logical id, for the metadata that the manifest holds or names."""
    metadata = dict(_mapping(artifact.get("metadata")))
    file = artifact.get("additionalMetadataFile")
    if isinstance(file, str) and is_file(folder / file):
        metadata |= _json(folder / file)
    entries = [
        (path.strip("/"), entry.get("type"), entry.get("data"))
        for path, listed in metadata.items()
        for entry in map(_mapping, listed if isinstance(listed, list) else [])
    ]
    templates = {path: data for path, kind, data in entries if kind == "aws:cdk:templateFile" and isinstance(data, str)}
    return {
        (_owner(path, templates, template), data): path
        for path, kind, data in entries
        if kind == "aws:cdk:logicalId" and isinstance(data, str)
    }


def _owner(path: str, templates: Mapping[str, str], template: str) -> str:
    """The template that a construct went into: that of the nearest stack above it."""
    above = [stack for stack in templates if path.startswith(f"{stack}/")]
    return templates[max(above, key=len)] if above else template


def _region(environment: Json) -> str:
    """The region of `aws://account/region`; empty where the CDK left it open."""
    region = _text(environment).rpartition("/")[2]
    return "" if region == _NO_REGION else region


def _json(path: Path) -> Mapping[str, Json]:
    try:
        root, _ = json_text.load(read_text(path), file=str(path))
    except json_text.NotJson as error:
        raise InputRefused(
            "assembly cannot be read",
            detail=f"{path}:{error.line}:{error.column}: {error.reason}.",
            hint="write it anew with cdk synth",
        ) from error
    return _mapping(root)


def _properties(artifact: Mapping[str, Json]) -> Mapping[str, Json]:
    return _mapping(artifact.get("properties"))


def _mapping(node: Json) -> Mapping[str, Json]:
    return node if isinstance(node, dict) else {}


def _text(node: Json) -> str:
    return node if isinstance(node, str) else ""
