"""The answer of `mainstay status` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.core.clock import render_time
from mainstay.ops.proof import Proof
from mainstay.ops.status import InstanceStatus, ProxyStatus, StackStatus


def status_view(console: Console, result: StackStatus) -> None:
    """The stack, its databases, then whatever needs somebody."""
    colour = "green" if result.is_well else "yellow"
    guard = "protected" if result.is_protected else "not protected against deletion"
    console.print(
        f"[bold]{escape(result.stack)}[/bold] [{colour}]{result.status}[/{colour}] · {result.site} {result.region} · "
        f"{guard}",
        highlight=False,
    )
    for instance in result.instances:
        _print_instance(console, instance)
    for proxy in result.proxies:
        _print_proxy(console, proxy)
    for sentence in result.stand_ins:
        console.print(f"  [yellow]{escape(sentence)}[/yellow]", highlight=False)
    for backup in result.replicated:
        age = "nothing to restore yet" if backup.age is None else f"restorable to {backup.age} ago"
        console.print(
            f"  backups of [bold]{escape(backup.source)}[/bold]: {escape(backup.status)} · {age}", highlight=False
        )
    console.print(f"  alarms: {len(result.alarms)}, firing: {len(result.firing)}", highlight=False)
    for name in result.firing:
        console.print(f"    [red]{escape(name)}[/red]", highlight=False)
    if result.proof is not None:
        console.print(f"  {_proof(result.proof)}", highlight=False)
    for identifier, state in result.restored.items():
        console.print(f"  restored copy {escape(identifier)}: {escape(state)}", highlight=False)
    for run, what in result.unfinished.items():
        console.print(f"  [yellow]unfinished[/yellow] {escape(run)}: {escape(what)}", highlight=False)


def _proof(proof: Proof) -> str:
    """The state of the dead man's clock in a line."""
    altered = f" · {proof.altered} documents of evidence are altered: mainstay evidence verify" if proof.altered else ""
    last = f"run {proof.run}, level {proof.level}" if proof.run else "no drill has proven it"
    if proof.is_proven:
        end = f"until {render_time(proof.until)[:19]}Z" if proof.until else "once; drill.every would say how often"
        return f"[green]PROVEN[/green] {end} · {escape(last)}{altered}"
    if proof.is_well:
        return f"not proven, and not asked to be (drill.every) · {escape(last)}{altered}"
    since = f"since {render_time(proof.since)[:19]}Z" if proof.since else "at any time"
    why = f"disproven by run {proof.disproven_by}" if proof.disproven_by else f"a proof lasts {proof.lasts}"
    return f"[red]not proven[/red] {since}: {escape(why)} · {escape(last)}{altered}"


def _print_proxy(console: Console, proxy: ProxyStatus) -> None:
    tls = "TLS required" if proxy.requires_tls else "[yellow]TLS not required[/yellow]"
    console.print(
        f"  [bold]{escape(proxy.identifier)}[/bold] {proxy.status} · proxy · {tls} · {proxy.address}", highlight=False
    )
    for target, state in proxy.targets.items():
        console.print(f"    target {escape(target)}: {escape(state)}", highlight=False)


def _print_instance(console: Console, instance: InstanceStatus) -> None:
    zone = ", with a standby" if instance.is_multi_az else ""
    if instance.is_degraded:
        zone = ", [red]its standby could not take over now[/red]"
    console.print(
        f"  [bold]{escape(instance.identifier)}[/bold] {instance.status} · {escape(instance.role)}{zone} · "
        f"{instance.engine} · {instance.address}:{instance.port}",
        highlight=False,
    )
    if instance.restorable_age is not None:
        console.print(f"    restorable to {instance.restorable_age} ago", highlight=False)
    if instance.pending:
        console.print(f"    pending: {', '.join(instance.pending)}", highlight=False)
