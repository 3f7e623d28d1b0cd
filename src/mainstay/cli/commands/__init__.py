"""Every command, in the order in which `mainstay --help` lists them. One file a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mainstay.cli.commands.check import check
from mainstay.cli.commands.demo import demo
from mainstay.cli.commands.deploy import deploy
from mainstay.cli.commands.destroy import destroy
from mainstay.cli.commands.drill import drill
from mainstay.cli.commands.evidence import show as show_evidence
from mainstay.cli.commands.evidence import verify as verify_evidence
from mainstay.cli.commands.explain import explain
from mainstay.cli.commands.facts import facts
from mainstay.cli.commands.failover import failover
from mainstay.cli.commands.init import init
from mainstay.cli.commands.plan import plan
from mainstay.cli.commands.prices import prices
from mainstay.cli.commands.restore import restore
from mainstay.cli.commands.rules import rules
from mainstay.cli.commands.sandbox import down, up
from mainstay.cli.commands.sandbox import status as sandbox_status
from mainstay.cli.commands.schema import schema
from mainstay.cli.commands.status import status
from mainstay.cli.commands.synth import synth
from mainstay.cli.commands.verify import verify

COMMANDS: tuple[Callable[..., None], ...] = (
    demo,
    init,
    check,
    plan,
    synth,
    deploy,
    verify,
    status,
    drill,
    restore,
    failover,
    destroy,
    rules,
    explain,
    facts,
    prices,
    schema,
)

GROUPS: Mapping[str, tuple[str, tuple[Callable[..., None], ...]]] = {
    "evidence": (
        "What drills left, and whether it is as they left it.",
        (verify_evidence, show_evidence),
    ),
    "sandbox": ("Real database servers on this machine, behind AWS's own clients.", (up, down, sandbox_status)),
}
