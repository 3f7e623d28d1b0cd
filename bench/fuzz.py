"""Mutated documents of every kind that `mainstay check` reads: `python -m bench.fuzz [HOW_MANY] [SEED] [KIND …]`.

Whatever a document becomes, the answer is findings, or a refusal that says what is wrong and what to do next. Anything
else is printed with the number that makes it again, and the document is kept.
"""

from __future__ import annotations

import copy
import io
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from rich.console import Console

from bench.checks.shown import shown
from mainstay import api
from mainstay.cli.views.check import check_view
from mainstay.core.errors import MainstayError

ROOT: Final = Path(__file__).parents[1]
Node = Any  # Any: JSON or YAML
SLOW_S: Final = 5.0
_WORDS: Final[Sequence[Node]] = (
    None, True, False, 0, -1, 7, 65_536, 10**18, 10**39, 1e308, -0.5, 1e-300, "", " ", "x", "x" * 5_000, "a\nb",
    "é", "٣", "1_000", "1e5", "0x10", " 5 ", "NaN", "yes", "5m", "20 GiB", "rate(1 day)", "cron(0 5 * * ? *)",
    "cron(99 99 * * ? *)", "cron(0 0 31 2 ? *)", "sun:04:00-sun:05:00", "24:00-25:00", "mon:99:99-tue:00:00",
    "2026-02-30", "10.0.0.0/8", "::/0", "10.0.0.0/99", "arn:aws:kms:eu-west-1:1:key/x", "arn:", "*",
    "{{resolve:ssm:x}}", "{{resolve:secretsmanager:a:SecretString:b}}", "${A}", "${", "${A.B}", "${var.x}",
    "${aws_db_instance.x.id}", "{DBInstanceClassMemory/0}", "LEAST({", "AWS::NoValue", "postgres", "aurora-mysql",
    "99.9", "db.r6g.large", "db.nope", [], {}, [[]], [None], [{}], {"": ""}, {"a.b": 1},
    {"Ref": "AWS::NoValue"}, {"Ref": "Database"}, {"Ref": 5}, {"Fn::GetAtt": ["Database", "Endpoint.Address"]},
    {"Fn::GetAtt": "."}, {"Fn::Sub": "${Database.Arn}-${AWS::Region}"}, {"Fn::Sub": ["${x}", {"x": {"Ref": "x"}}]},
    {"Fn::Join": [",", ["a", {"Ref": "AWS::Region"}]]}, {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
    {"Fn::Split": [",", "a,b"]}, {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}, {"Fn::ImportValue": "x"},
    {"Fn::Cidr": ["10.0.0.0/16", 300, 8]}, {"Fn::Cidr": ["x", -1, 10**9]}, {"Fn::FindInMap": ["a", "b", "c"]},
    {"Fn::Transform": {"Name": "x"}}, {"Condition": "C"},
)  # fmt: skip
_SIGNS: Final = "{}[]:,'\"&*!-?|>%@`#\n\t\r ab0\x00\x85é\ufeff\u2028"


@dataclass(frozen=True)
class Subject:
    """A document: its kind, its tree, the name of its file, and how its text is written; `beside` lies next to it."""

    kind: str
    tree: Node
    name: str
    text: Callable[[Node], str] = json.dumps
    beside: Mapping[str, str] = field(default_factory=dict)


def subjects() -> list[Subject]:
    """Every blueprint in every form that is read, and what the CDK's shape is like."""
    found: list[Subject] = []
    for path in sorted((ROOT / "blueprints").glob("*.yaml")):
        found.append(Subject("spec", yaml.safe_load(path.read_text(encoding="utf-8")), "s.yaml", _yaml))
        template = json.loads(next(iter(api.synth(path, environment="prod").files.values())))
        found += [Subject("cloudformation", template, "t.json"), Subject("cloudformation", template, "t.yaml", _yaml)]
        nested = api.synth(path, environment="prod", nested=True).files
        parent = next(iter(nested))
        found.append(Subject("nested", json.loads(nested[parent]), parent, beside=dict(nested)))
        module = api.synth(path, environment="prod", to="terraform").files
        main = json.loads(module["main.tf.json"])
        found.append(Subject("module", main, "main.tf.json", beside=dict(module)))
        found.append(Subject("plan", shown(module), "tfplan.json"))
        found.append(_assembly(template))
    return found


def _assembly(template: Node) -> Subject:
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://1/eu-west-1",
        "properties": {"templateFile": "t.template.json", "stackName": "s"},
        "metadata": {"/s/Database": [{"type": "aws:cdk:logicalId", "data": "Database"}]},
    }
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "inner"}}
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    files = {"x": {"source": {"path": "n.json"}, "destinations": {"d": {"objectKey": "x.json"}}}}
    return Subject(
        "assembly",
        {"version": "1", "artifacts": {"a": assets, "i": inner, "s": artifact}},
        "manifest.json",
        beside={
            "t.template.json": json.dumps(template),
            "assets.json": json.dumps({"files": files}),
            "inner/manifest.json": json.dumps({"artifacts": {"s": artifact}}),
            "inner/t.template.json": json.dumps(template),
        },
    )


def _yaml(tree: Node) -> str:
    return yaml.dump(tree, sort_keys=False, allow_unicode=True)


def mutated(tree: Node, dice: random.Random) -> Node:
    """A copy with one to four nodes deleted, replaced, doubled, moved or renamed."""
    tree = copy.deepcopy(tree)
    for _ in range(dice.randint(1, 4)):
        places = list(_places(tree, dice))
        if places:
            # Deeper ones more often: at the top there is not much to find.
            deep = max(dice.randrange(len(places)), dice.randrange(len(places)))
            dice.choice(_CHANGES)(*places[deep], tree, dice)
    return tree


def _places(tree: Node, dice: random.Random) -> Iterator[tuple[Node, Node]]:
    """The places on one random way down: a container and a key or index of it."""
    here = tree
    while isinstance(here, dict | list) and here:
        key = dice.choice(list(here)) if isinstance(here, dict) else dice.randrange(len(here))
        yield here, key
        here = here[key]


def _delete(here: Node, key: Node, tree: Node, dice: random.Random) -> None:
    del here[key]


def _replace(here: Node, key: Node, tree: Node, dice: random.Random) -> None:
    here[key] = copy.deepcopy(dice.choice(_WORDS))


def _double(here: Node, key: Node, tree: Node, dice: random.Random) -> None:
    if isinstance(here, list):
        here.insert(key, copy.deepcopy(here[key]))
    else:
        here[f"{key}{dice.choice(['2', '.', 'x', ' ', ''])}"] = copy.deepcopy(here[key])


def _move(here: Node, key: Node, tree: Node, dice: random.Random) -> None:
    other, name = dice.choice(list(_places(tree, dice)))
    here[key] = copy.deepcopy(other[name])


def _wrap(here: Node, key: Node, tree: Node, dice: random.Random) -> None:
    here[key] = dice.choice(
        [[here[key]], {"Fn::Sub": here[key]}, {"Fn::If": ["C", here[key], here[key]]}, {"a": here[key]}]
    )


_CHANGES: Final = (_delete, _replace, _replace, _double, _move, _wrap)


def scribbled(text: str, dice: random.Random) -> str:
    """A text with some characters put in, taken out or doubled."""
    for _ in range(dice.randint(1, 4)):
        at, length = dice.randint(0, len(text)), dice.randint(0, 6)
        put = "".join(dice.choice(_SIGNS) for _ in range(dice.randint(0, 4)))
        text = text[:at] + dice.choice([put, text[at : at + length] * 2]) + text[at + length :]
    return text


class Crashed(Exception):
    """A document whose answer was neither findings nor a refusal that helps."""


def outcome(subject: Subject, text: str, folder: Path, *, is_shown: bool = False) -> str:
    """What `check` says of a document: `findings`, or the summary of the refusal; Crashed, or whatever it raised."""
    for name, other in {**subject.beside, subject.name: text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(other, encoding="utf-8", errors="surrogatepass", newline="")
    try:
        result = api.check(folder if subject.kind in ("assembly", "module") else folder / subject.name)
    except MainstayError as error:
        said = error.as_json()
        json.dumps(said)
        if type(error) is MainstayError or not all(said[part] for part in ("summary", "detail", "hint")):
            raise Crashed(f"a refusal that does not help: {said}") from error
        return error.summary
    crashed = [one.detail for one in result.findings if one.id == "MS001"]
    if crashed:
        raise Crashed(crashed[0])
    json.dumps(result.as_json())
    if is_shown:
        check_view(Console(file=io.StringIO(), width=100), result, with_reasons=True, with_cost=True)
    return "findings"


def run(how_many: int, seed: int, kinds: Sequence[str] = (), kept: Path | None = None) -> Counter[tuple[str, str]]:
    """The outcomes by kind of document; a crash is printed, counted, and kept in a folder."""
    tally: Counter[tuple[str, str]] = Counter()
    known = [one for one in subjects() if not kinds or one.kind in kinds]
    for number in range(seed, seed + how_many):
        dice = random.Random(number)
        subject = dice.choice(known)
        text = subject.text(mutated(subject.tree, dice))
        if dice.random() < 0.2:
            text = scribbled(text, dice)
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            try:
                said = outcome(subject, text, Path(folder), is_shown=number % 10 == 0)
            except Exception:  # noqa: BLE001  # that is what is looked for
                said = "CRASH"
                print(f"-- {number} {subject.kind} {subject.name}\n{traceback.format_exc(limit=-6)}")
        if kept and said == "CRASH":
            (kept / f"{number}-{subject.name}").write_text(text, encoding="utf-8", errors="surrogatepass")
        if time.perf_counter() - began > SLOW_S:
            print(f"-- {number} {subject.kind}: {time.perf_counter() - began:.1f} s")
        tally[subject.kind, said] += 1
    return tally


def main(words: Sequence[str]) -> None:
    """Run, and print what was answered."""
    numbers = [int(word) for word in words if word.isdecimal()]
    how_many, seed = (*numbers, *(1_000, 0)[len(numbers) :])[:2]
    kept = tempfile.mkdtemp(prefix="mainstay-fuzz-")
    tally = run(how_many, seed, [word for word in words if not word.isdecimal()], Path(kept))
    for (kind, said), count in sorted(tally.items()):
        print(f"{kind:16} {count:6} {said}")
    print(f"documents that crashed it: {kept}" if any(said == "CRASH" for _, said in tally) else "no crash")


if __name__ == "__main__":
    main(sys.argv[1:])
