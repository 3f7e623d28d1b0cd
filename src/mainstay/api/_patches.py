"""Patches for what a command was pointed at: in a template's words or in Terraform's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.api._source import Kind, Loaded, read_text
from mainstay.core.errors import InputRefused
from mainstay.core.patches import Change, Language, Locate, Patch, Replacement

if TYPE_CHECKING:
    from mainstay.checks.engine import Suggest
    from mainstay.plan.plan import Plan, RegionPlan
    from mainstay.plan.resources import Resource


def suggesting(loaded: Loaded) -> Suggest:
    """Words mends for the file that was loaded."""
    suggest: dict[Kind, Suggest] = {
        Kind.TEMPLATE: partial(_template, loaded),
        Kind.SHOWN: _shown,
        Kind.MODULE: _module,
        Kind.SPEC: partial(_spec, loaded),
    }
    return suggest[loaded.kind]


def _spec(loaded: Loaded, plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    from mainstay.api import _written  # lazy: a template check must not pay for the spec's models

    changes = _written.changes_for(loaded, region, mend)
    return _patch(Language.YAML, changes, partial(_located, {loaded.file: loaded.text}))


def _template(loaded: Loaded, plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    from mainstay.formats.cloudformation import patching  # lazy: a spec needs no words of a template

    language = Language.JSON if loaded.text.lstrip().startswith("{") else Language.YAML
    # The CDK writes its templates again: what has to change is the construct, which the finding names by its path.
    locate = None if any(map(_is_of_cdk, mend)) else partial(_located, {loaded.file: loaded.text})
    return _patch(language, patching.patch(region, mend), locate)


def _is_of_cdk(resource: Resource) -> bool:
    metadata = resource.extras.get("@Metadata")
    return isinstance(metadata, dict) and "aws:cdk:path" in metadata


def _module(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    from mainstay.formats.terraform import patching  # lazy: nothing else needs its tables

    return _patch(Language.TERRAFORM, patching.of_module(plan, region, mend))


def _shown(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    from mainstay.formats.terraform import patching  # lazy, as above

    return _patch(Language.TERRAFORM, patching.of_shown(region, mend))


def _patch(language: Language, changes: tuple[Change, ...], locate: Locate | None = None) -> Patch | None:
    return Patch(language=language, changes=changes, locate=locate) if changes else None


def _located(texts: dict[str, str], changes: Sequence[Change]) -> dict[str, tuple[Replacement, ...]]:
    """The pieces to replace, by file; nothing where one of them cannot be told exactly."""
    from mainstay.formats import editing  # lazy: only other tools ask for pieces of text

    files = dict.fromkeys(change.origin.file for change in changes if change.origin)
    try:
        return {
            file: editing.replacements(
                texts.get(file) or read_text(Path(file)),
                [change for change in changes if change.origin and change.origin.file == file],
            )
            for file in files
        }
    except (editing.CannotEdit, InputRefused):
        return {}
