"""What a database is expected to be, in a file beside the spec: read as if it stood in the spec itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mainstay.core.findings import Finding, Origin
from mainstay.spec.explaining import place_of
from mainstay.spec.faults import finding
from mainstay.spec.layers import over
from mainstay.spec.yaml_tree import MOST_BYTES, Tree, parse

_SECTION: Final = "validation"
_FILE: Final = "manifest"
_CONTENT: Final = "expect"


def with_manifest(tree: Tree, file: str) -> tuple[Tree, list[Finding]]:
    """The tree with the content of the named file under `validation.expect`, and what is wrong with it.

    The name is taken from the directory of `file`. Places of the content are the manifest's own.
    """
    section = tree.value.get(_SECTION) if isinstance(tree.value, dict) else None
    name = section.get(_FILE) if isinstance(section, dict) else None
    if not isinstance(section, dict) or not isinstance(name, str):
        return tree, []
    at = place_of((_SECTION, _FILE), tree.places, file)
    if _CONTENT in section:
        return tree, [_fault("SP012", "manifest and expect say the same thing twice.", "leave one of them out", at)]
    path = Path(file).parent / name
    try:
        with path.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1).decode("utf-8-sig")  # never more than is needed to refuse it
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"byte {error.start} is not UTF-8"
        return tree, [_fault("SP001", f"{path} cannot be read: {why}.", "name a file beside the spec", at)]
    read = parse(text, str(path))
    if read.faults:
        return tree, read.faults
    places = {(_SECTION, _CONTENT, *below): place for below, place in read.places.items()}
    places[(_SECTION, _CONTENT)] = Origin(str(path), 1, 1)
    content = Tree({_SECTION: {_CONTENT: {} if read.value is None else read.value}}, places)
    return over(tree, content), []


def _fault(identifier: str, detail: str, hint: str, at: Origin) -> Finding:
    subject = f"{_SECTION}.{_FILE}"
    return finding(identifier, f"{subject}: {detail}", hint, subject=subject, origin=at)
