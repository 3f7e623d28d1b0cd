"""Reading and checking, and writing, against cfn-lint on the same files: every blueprint, and 500 resources."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import yaml

from bench.harness import BIN, Command, compare, seconds
from bench.large import template
from mainstay import api
from mainstay.formats import cloudformation, terraform

BLUEPRINTS: Final = sorted((Path(__file__).parents[1] / "blueprints").glob("*.yaml"))
# A template of AWS's largest size: 1 MB of text.
PADDING: Final = 600


def run() -> None:
    """Goal: at most 0.15 of cfn-lint's time; one megabyte and 500 resources within a second."""
    with tempfile.TemporaryDirectory() as folder:
        for blueprint in BLUEPRINTS:
            _blueprint(blueprint, Path(folder) / blueprint.stem)
        _large(Path(folder))


def _check(source: Path) -> Command:
    # A finding is an answer too: what is measured is the time to it.
    return Command(f"mainstay check {source.name}", (str(BIN / "mainstay"), "check", str(source)), (0, 1))


def _lint(source: Path) -> Command:
    return Command(f"cfn-lint {source.name}", (str(BIN / "cfn-lint"), str(source)), tuple(range(16)))


def _blueprint(spec: Path, folder: Path) -> None:
    print(f"-- {spec.stem}")
    written = api.synth(spec, environment="prod", out=folder / "template").files
    source = folder / "template" / next(iter(written))
    compare(_check(source), _lint(source), rounds=3)
    module = folder / "module"
    api.synth(spec, environment="prod", to="terraform", out=module)
    for name, to in (("template", "cloudformation"), ("module", "terraform")):
        words = ("synth", str(spec), "--env", "prod", "--to", to, "--out", str(folder / "again" / name))
        compare(Command(f"mainstay synth --to {to}", (str(BIN / "mainstay"), *words)), _lint(source), rounds=3)
    print(f"{'mainstay check MODULE':40} median {_median(partial(seconds, _check(module))):6.3f} s")


def _large(folder: Path) -> None:
    for padding in (0, PADDING):
        tree = template(padding=padding)
        text = json.dumps(tree, indent=1)
        print(f"-- {len(tree['Resources'])} resources, {len(text) / 2**20:.2f} MB")
        source, other = folder / f"large{padding}.json", folder / f"large{padding}.yaml"
        source.write_text(text, encoding="utf-8")
        other.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
        compare(_check(source), _lint(source), rounds=1)
        compare(_check(other), _lint(other), rounds=1)
        _parts(text)


def _parts(text: str) -> None:
    """What of it is reading, checking and writing, within one process."""
    plan = cloudformation.read(text, file="large.json", parameters={})
    parts: dict[str, Callable[[], object]] = {
        "read": lambda: cloudformation.read(text, file="large.json", parameters={}),
        "write as CloudFormation": lambda: cloudformation.render(plan),
        "write as Terraform": lambda: terraform.render(plan),
    }
    for name, part in parts.items():
        print(f"{name:40} median {_median(partial(_took, part)):6.3f} s")


def _took(part: Callable[[], object]) -> float:
    began = time.perf_counter()
    part()
    return time.perf_counter() - began


def _median(measure: Callable[[], float]) -> float:
    return sorted(measure() for _ in range(5))[2]
