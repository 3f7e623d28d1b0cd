"""What a sandbox runs, and what is left of one that was taken down."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.sandbox import Inventory, NameStatus, ProxyStatus, SandboxStatus


def status_view(console: Console, result: SandboxStatus) -> None:
    """The supervisor, each stack, each instance with its servers, each proxy with what stands behind it."""
    pid = result.supervisor_pid
    console.print(f"sandbox {escape(str(result.directory))}", highlight=False)
    console.print(f"  supervisor   {f'process {pid}' if pid else '[yellow]not running[/yellow]'}", highlight=False)
    console.print(f"  trusted CA   {escape(str(result.ca_file))}", highlight=False)
    for stack in result.stacks:
        console.print(f"  stack        {escape(stack['name'])} {stack['region']} {stack['status']}", highlight=False)
    for instance in result.instances:
        console.print(
            f"[bold]{escape(instance.identifier)}[/bold] {escape(instance.status)} · {escape(instance.role)} · "
            f"{instance.address}:{instance.port} · {escape(instance.engine or 'no engine')}",
            highlight=False,
        )
        for server in instance.servers:
            state = f"process {server.pid}" if server.pid else "[red]not running[/red]"
            sync = ", synchronous" if server.is_synchronous else ""
            console.print(f"    {server.role:8} 127.0.0.1:{server.port} {state}{sync}", highlight=False)
        if instance.lag_s is not None:
            console.print(f"    lag      {instance.lag_s:.3f} s", highlight=False)
        if instance.latest_restorable:
            console.print(f"    restorable until {instance.latest_restorable}", highlight=False)
        for text in filter(None, (instance.note, instance.failure)):
            console.print(f"    [yellow]{escape(text)}[/yellow]", highlight=False)
    for proxy in result.proxies:
        _print_proxy(console, proxy)
    for name in result.names:
        _print_name(console, name)


def _print_proxy(console: Console, proxy: ProxyStatus) -> None:
    where = f"{proxy.address}:{proxy.port}" if proxy.address else "no address yet"
    name, target = escape(proxy.identifier), escape(proxy.target or "nothing")
    console.print(f"[bold]{name}[/bold] {escape(proxy.status)} · proxy of {target} · {where}", highlight=False)
    if proxy.pid:
        console.print(f"    pool     process {proxy.pid}", highlight=False)
    if proxy.health:
        console.print(f"    target   {escape(proxy.health)}", highlight=False)
    if proxy.note:
        console.print(f"    [yellow]{escape(proxy.note)}[/yellow]", highlight=False)


def _print_name(console: Console, name: NameStatus) -> None:
    called, address = escape(name.name), escape(name.address)
    target = escape(name.target or "nothing here")
    console.print(f"[bold]{called}[/bold] name of {target} · {address} · kept {name.ttl_s} s", highlight=False)
    if name.port is not None:
        # This machine's resolver knows no such name, and the certificate bears the address, as RDS's the endpoint.
        reached = f"host={called} hostaddr={address} port={name.port} sslmode=verify-ca"
        console.print(f"    reach it {reached}", highlight=False)


def down_view(console: Console, result: Inventory) -> None:
    """What was stopped and removed, and what of others' was left alone."""
    console.print(f"stopped {len(result.stopped)} processes, removed {len(result.removed)} paths; nothing is left")
    for path in result.kept:
        console.print(f"  not ours, kept: {escape(str(path))}", highlight=False)
