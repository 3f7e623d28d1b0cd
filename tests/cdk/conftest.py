"""What the constructs' tests share: stacks, and templates as they are compared."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mainstay.cdk  # noqa: F401 - before the CDK: it names the Node.js of the extra where none is installed

ROOT = Path(__file__).parents[2]
# Whatever version of Node.js stands here, its age is no news to a test.
os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1"

SMALL: dict[str, Any] = {
    "name": "shop",
    "profile": "dev",
    "database": {"engine": "postgres", "version": "17", "class": "db.t4g.medium", "name": "shop"},
    "storage": {"size": "20 GiB"},
    "alerts": {"subscribers": ["ops@example.com"]},
    "network": {"nat": "one"},
}
"""The least that is a design."""

StackMaker = Callable[..., Any]


def normalised(template: dict[str, Any]) -> dict[str, Any]:
    """A template without what the CDK adds to every one, and with one way to write what CloudFormation takes in two."""
    sections = {title: dict(section) if isinstance(section, dict) else section for title, section in template.items()}
    sections.get("Parameters", {}).pop("BootstrapVersion", None)
    sections.get("Rules", {}).pop("CheckBootstrapVersion", None)
    sections["Resources"] = {key: _in_order(block) for key, block in sections["Resources"].items()}
    return {title: section for title, section in sections.items() if section}


def _in_order(block: dict[str, Any]) -> dict[str, Any]:
    """DependsOn is a set: one name stands for a list of it, and the order says nothing."""
    after = block.get("DependsOn")
    if after is None:
        return block
    return {**block, "DependsOn": sorted([after] if isinstance(after, str) else after)}


@pytest.fixture(scope="session")
def ca_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates to pack; nobody looks into them here."""
    file = tmp_path_factory.mktemp("ca") / "bundle.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", encoding="utf-8")
    return file


@pytest.fixture
def new_stack(tmp_path: Path) -> StackMaker:
    """A stack of an app of its own: `new_stack(region="eu-central-1", context={…})`."""
    cdk = pytest.importorskip("aws_cdk")

    def new(*, context: dict[str, Any] | None = None, app: Any = None, name: str = "Stack", **place: str) -> Any:
        app = app or cdk.App(outdir=str(tmp_path / "out"), context=context)
        return cdk.Stack(app, name, env=cdk.Environment(**place))

    return new


@pytest.fixture
def synthesised() -> Callable[[Any], dict[str, Any]]:
    """The template of a stack, as the app writes it."""

    def written(stack: Any) -> dict[str, Any]:
        folder = Path(stack.node.root.synth(force=True).directory)
        template: dict[str, Any] = json.loads((folder / stack.template_file).read_text(encoding="utf-8"))
        return template

    return written
