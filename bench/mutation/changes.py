"""The mutants of one file: what is changed where, found in its syntax tree.

What says of a rule what it is (the arguments of its decorator, its two examples) is left alone: the tests hold that by
other means, and an example that is even worse is still one.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Final

EXAMPLES: Final[tuple[str, ...]] = ("_bad", "_good")
# Each comparison at its boundary, and turned round; those without a boundary are turned round only.
FLIPS: Final[Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_LEAVES: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_JUDGED_ELSEWHERE: Final = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)
# No value of the program: types, and what is said of a definition. Patterns take no computed number.
_UNREAD: Final = {"annotation", "returns", "decorator_list", "type_comment", "pattern", "bases", "keywords_of_class"}
_LONGEST: Final = 90


@dataclass(frozen=True)
class Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    name: str
    index: int | None = None

    @property
    def node(self) -> ast.AST:
        """What hangs there now."""
        found = getattr(self.parent, self.name)
        node: ast.AST = found if self.index is None else found[self.index]
        return node

    def put(self, node: ast.AST) -> None:
        """Hang another node there."""
        if self.index is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.index] = node


@dataclass(frozen=True)
class Mutant:
    """One change of one file, not made yet. `name` stays the same when lines move.

    `span` are the first and last line of the function around it, (0, 0) for what runs when the file is loaded.
    """

    file: Path
    line: int
    span: tuple[int, int]
    name: str
    before: str
    after: str
    place: Place = field(repr=False)
    node: ast.AST = field(repr=False)
    tree: ast.Module = field(repr=False)

    def compiled(self) -> CodeType:
        """The code of the file with the change in it. The tree stays changed: call this in a process of its own."""
        self.place.put(self.node)
        return compile(ast.fix_missing_locations(self.tree), str(self.file), "exec")


def mutants_of(file: Path, root: Path) -> list[Mutant]:
    """Every mutant of a file, in the order of its text; names begin with its path under `root`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    idle = _of_examples_only(tree)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for place, shown, owner in _places(tree, tree, (), idle):
        function = next((each for each in owner if isinstance(each, ast.FunctionDef)), None)
        span = (function.lineno, function.end_lineno or 0) if function else (0, 0)
        where = ".".join(each.name for each in owner) or "(module)"
        for node in _changed(place):
            before, after = _texts(place, shown, node)
            name = f"{file.relative_to(root).as_posix()} {where}: {before} → {after}"
            seen[name] += 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            line = getattr(place.node, "lineno", getattr(place.parent, "lineno", 0))
            found.append(Mutant(file, line, span, name, before, after, place, node, tree))
    return found


def unchanged(file: Path) -> Mutant:
    """A file as it stands, in the form of a mutant: a judge who catches it catches nothing."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    place = Place(tree, "body", 0)
    return Mutant(file, 1, (1, sys.maxsize), f"{file} as it stands", "", "", place, place.node, tree)


Owner = ast.FunctionDef | ast.ClassDef
Owners = tuple[Owner, ...]


def _places(node: ast.AST, shown: ast.AST, owner: Owners, idle: set[str]) -> Iterator[tuple[Place, ast.AST, Owners]]:
    """Each place of the tree that may be changed, the expression to show it in, and the definitions around it."""
    if isinstance(node, Owner):
        if not owner and node.name in idle:
            return
        owner = (*owner, node)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    for name, value in ast.iter_fields(node):
        if name in _UNREAD or (not owner and _is_idle_constant(node, idle)):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST) and not _is_kept(child):
                context = child if isinstance(child, ast.stmt | ast.Compare | ast.BoolOp | ast.Call) else shown
                yield Place(node, name, index), shown if isinstance(child, ast.Constant) else child, owner
                yield from _places(child, context, owner, idle)


def _is_kept(node: ast.AST) -> bool:
    # `strict` of zip asserts what the lines around it make sure of.
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _is_idle_constant(node: ast.AST, idle: set[str]) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return bool(targets) and all(isinstance(one, ast.Name) and one.id in idle for one in targets)


def _of_examples_only(tree: ast.Module) -> set[str]:
    """The names at the top of a file that serve nothing but a rule's examples."""
    uses: dict[str, set[str]] = {}
    for statement in tree.body:
        defined = _defined(statement)
        used = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)} - defined
        for name in defined or {""}:
            uses.setdefault(name, set()).update(used)
    idle = {name for name in EXAMPLES if name in uses}
    # The decorator of the rule names its examples; it is no use of them.
    while more := {
        name
        for name in uses
        if name not in idle and (users := {user for user in uses if name in uses[user]}) and users <= idle
    }:
        idle |= more
    return idle


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, Owner):
        return {statement.name}
    targets: list[ast.expr] = getattr(statement, "targets", []) or [
        one for one in (getattr(statement, "target", None),) if one
    ]
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def _changed(place: Place) -> Iterator[ast.AST]:
    """What may hang in a place instead."""
    node = place.node
    match node:
        case ast.Compare(left, ops, comparators):
            for at, operator in enumerate(ops):
                for other in FLIPS[type(operator)]:
                    yield ast.Compare(left, [*ops[:at], other(), *ops[at + 1 :]], comparators)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.If(_, body, []) if isinstance(body[-1], _LEAVES):
            yield ast.Pass()
        case ast.If(_, body, []) if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node)):
            yield ast.If(ast.Constant(value=True), body, [])
    if place.name in ("test", "ifs") and isinstance(node, ast.expr) and not isinstance(node, _JUDGED_ELSEWHERE):
        yield ast.UnaryOp(ast.Not(), node)
    if place.name == "ifs":
        yield ast.Constant(value=True)


def _texts(place: Place, shown: ast.AST, node: ast.AST) -> tuple[str, str]:
    """The expression before and after the change, on one line each."""
    was = place.node
    if isinstance(was, ast.If):
        head = f"if {ast.unparse(was.test)}: {ast.unparse(was.body[-1])}"
        return _short(head), "pass" if isinstance(node, ast.Pass) else "if True: …"
    if shown is was:
        return _short(ast.unparse(was)), _short(ast.unparse(node))
    before = ast.unparse(shown)
    place.put(node)
    after = ast.unparse(shown)
    place.put(was)
    return _short(before), _short(after)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
