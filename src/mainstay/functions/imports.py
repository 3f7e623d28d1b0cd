"""Which modules of ours a handler needs: read from the import statements, so that nothing has to be listed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import mainstay

_ROOT: Final = Path(mainstay.__file__).parent
_PACKAGE: Final = mainstay.__name__


def own_modules(start: str, root: Path = _ROOT) -> dict[str, bytes]:
    """The source of a module and of everything of this package that it imports, by path below the package's parent.

    `root` is where the package lies.
    """
    found: dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _file_of(name, root)
        if path is None or (entry := path.relative_to(root.parent).as_posix()) in found:
            continue
        found[entry] = path.read_bytes()
        parent = name.rpartition(".")[0]
        waiting += [*([parent] if parent else []), *_names(found[entry])]
    return found


def code_digest(start: str, root: Path = _ROOT) -> str:
    """SHA-256 of that source: two packages of which it is the same answer alike, whatever else is packed with them."""
    whole = hashlib.sha256()
    for path, content in sorted(own_modules(start, root).items()):
        whole.update(f"{path}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _file_of(name: str, root: Path) -> Path | None:
    """The file of a module; None for a name that is something inside a module."""
    parts = name.split(".")
    base = root.joinpath(*parts[1:])
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _names(source: bytes) -> tuple[str, ...]:
    """By the text of a module: a drill asks for the same ones with every answer of a function."""
    return tuple(_imported(ast.parse(source)))


def _imported(tree: ast.AST) -> Iterator[str]:
    """Names of ours in import statements, also of lazy ones, but for those that only a type checker follows."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imported(node)


def _is_ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == _PACKAGE
