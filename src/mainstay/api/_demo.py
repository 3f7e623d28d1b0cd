"""`mainstay demo`: the main job in one go, in a sandbox of its own, with no account."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mainstay import checks, forecast, sandbox
from mainstay.api._deploy import deploy_plan
from mainstay.api._drill import Drilled, Seen, drill_at
from mainstay.api._drill_target import DrillTarget
from mainstay.api._init import find_blueprint
from mainstay.api._site import Where, open_site, primary_identifier, require_programs, secret_of_primary
from mainstay.api._source import Loaded, load_spec
from mainstay.api._synth import write_whole
from mainstay.api._verify import verify_plan
from mainstay.core.clock import render_time
from mainstay.core.errors import Busy, InputRefused, TargetRefused
from mainstay.core.findings import Severity, worst
from mainstay.core.progress import Progress, Silent
from mainstay.core.units import Duration
from mainstay.formats import cloudformation
from mainstay.ops.drill.baseline import Opener
from mainstay.ops.interrupts import catching_signals, shield
from mainstay.ops.login import Address, connect
from mainstay.ops.site import Site
from mainstay.ops.workload import Application, Disaster
from mainstay.plan.intent import SqlCheck
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import Connection
from mainstay.sandbox import Inventory

PARTS: Final = {
    "design": "read the spec, build the plan, check it",
    "compile": "write it as CloudFormation",
    "deploy": "put the template into the sandbox, which starts real servers",
    "verify": "see that what was planned arrived",
    "disaster": "an application writes, then somebody drops a table",
    "drill": "restore to just before it, and prove what came back",
    "take down": "stop and delete everything, and prove that nothing is left",
}
"""The parts in order, by the name under which their seconds are shown."""

MOST_SECONDS: Final = 600


@dataclass(slots=True)
class DemoResult:
    """What the demo came to: the drill, seconds by part, and what is left to look at."""

    blueprint: str
    template: Path
    drilled: Drilled
    inventory: Inventory
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The drill's."""
        return self.drilled.exit_code

    def as_json(self) -> dict[str, object]:
        """Verdict, seconds by part, files, and what was taken down."""
        return {
            "blueprint": self.blueprint,
            "seconds": {name: round(seconds, 3) for name, seconds in self.seconds.items()},
            "template_file": str(self.template),
            "drill": self.drilled.as_json(),
            "taken_down": self.inventory.as_json(),
        }


@dataclass(slots=True)
class _Demo:
    """A demo under way: where it works, and how long each part took."""

    out: Path
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """A sandbox of the demo's own, beside what it leaves to look at."""
        return Where(is_sandbox=True, workspace=self.out)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A numbered part, timed."""
        self.progress.step(list(PARTS).index(name) + 1, len(PARTS), f"{name}: {PARTS[name]}")
        start = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - start


class _Nested:
    """The progress of a part: its steps are shown in passing, so that only the demo's own are numbered.

    With `is_quiet` its lines are shown in passing, too: 109 resources make several hundred events.
    """

    def __init__(self, outer: Progress, *, is_quiet: bool = False) -> None:
        self._outer = outer
        self._is_quiet = is_quiet

    def step(self, number: int, total: int, name: str) -> None:
        """A step of a part."""
        self._outer.tick(f"{name} ({number} of {total})")

    def note(self, text: str) -> None:
        """A line."""
        if self._is_quiet:
            self._outer.tick(text)
        else:
            self._outer.note(text)

    def tick(self, text: str) -> None:
        """What is waited for."""
        self._outer.tick(text)


def demo(
    *, blueprint: str = "postgres-ecommerce", out: Path = Path("mainstay-demo"), seconds: float = 3.0,
    progress: Progress | None = None,
) -> DemoResult:  # fmt: skip
    """Run the demo of a blueprint, or of a spec file (`*.yaml`).

    Template, evidence and report are left in `out`; its sandbox is taken down whatever happens.

    `seconds`, 1 to 600, is how long the application writes.
    Busy when a sandbox of an earlier demo is at work there; everything else that stops a part stops the demo.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise InputRefused(
            "no time to write in",
            detail=f"An application cannot write for {seconds} seconds here.",
            hint=f"choose 1 to {MOST_SECONDS} seconds",
        )
    work = _Demo(out, progress or Silent())
    nested = _Nested(work.progress)
    _clear(work)
    try:
        with work.part("design"):
            loaded = _design(blueprint, work.progress)
        with work.part("compile"):
            template = _compile(loaded, out, work.progress)
        with work.part("deploy"):
            site = _deploy(work, loaded)
        with work.part("verify"):
            _verify(work, site, loaded, nested)
        with work.part("disaster"):
            disaster, answerable = _disaster(site, loaded, seconds, work.progress)
        with work.part("drill"):
            seen = Seen(
                disaster_at=disaster.at,
                baseline=disaster.baseline,
                markers=disaster.markers,
                database=disaster.database,
                checks=answerable,
            )
            stack = loaded.plan.primary.stack
            drilled = drill_at(
                site, work.where, loaded, stack, DrillTarget(time=disaster.target), seen=seen, progress=nested
            )
            _tell_drill(drilled, work.progress)
        with work.part("take down"):
            inventory = _take_down(work)
    except BaseException:
        if work.where.sandbox_directory.exists():
            work.progress.note("stopped: taking the sandbox down")
            _take_down(work)
        raise
    return DemoResult(blueprint, template, drilled, inventory, work.seconds)


def _take_down(work: _Demo) -> Inventory:
    """Take the sandbox down to the end: a Ctrl-C meanwhile stops the demo after it, not in the middle of it."""
    with catching_signals(), shield():
        return sandbox.down(work.where.sandbox_directory, _Nested(work.progress))


def _clear(work: _Demo) -> None:
    """What an earlier demo left when its process was killed."""
    directory = work.where.sandbox_directory
    if not directory.exists():
        return
    if sandbox.status(directory).supervisor_pid:
        work.progress.note("a sandbox of an earlier demo is still there: taking it down")
    sandbox.down(directory)
    if directory.exists():
        raise Busy("the demo's directory is in use", detail=f"{directory} holds files of others.", hint="choose --out")


def _spec_file(blueprint: str) -> Path:
    """A blueprint by name, or a spec of one's own by its file."""
    return Path(blueprint) if Path(blueprint).suffix in (".yaml", ".yml") else find_blueprint(blueprint)


def _design(blueprint: str, progress: Progress) -> Loaded:
    loaded = load_spec(_spec_file(blueprint))
    promise = forecast.promise(loaded.plan)
    findings = checks.run(loaded.plan, loaded.spec, beside=forecast.judge(promise, loaded.plan.intent))
    for one in loaded.plan.regions:
        progress.note(f"{len(one.resources)} resources for stack {one.stack} in {one.region}")
    for finding in findings:
        if finding.suppressed is None:
            progress.note(f"{finding.severity.value} {finding.id} {finding.subject}: {finding.summary}")
    if worst(findings) is Severity.ERROR:
        raise TargetRefused("the design has errors", detail=f"blueprint {blueprint}", hint="see `mainstay check`")
    progress.note(f"{sum(f.suppressed is None for f in findings)} findings")
    for outcome in promise.outcomes:
        lost = "everything" if outcome.rpo is None else str(outcome.rpo) if outcome.rpo else "nothing"
        back = f"back in {outcome.rto_least} to {outcome.rto_most}" if outcome.rto_most else "still there"
        back = back if outcome.rto_most is not None else "nothing brings it back"
        progress.note(f"at worst, {outcome.failure.value}: loses {lost}, {back}")
    return loaded


def _compile(loaded: Loaded, out: Path, progress: Progress) -> Path:
    """Write one template a region; the primary one's path."""
    files = cloudformation.render(loaded.plan)
    for name, text in files.items():
        write_whole(out / name, text)
        progress.note(f"{out / name}: {len(text.encode()):,} bytes, as `mainstay synth` writes it")
    return out / next(iter(files))


def _deploy(work: _Demo, loaded: Loaded) -> Site:
    require_programs(work.where, loaded.plan)
    site = open_site(work.where, loaded.plan.primary.region, begin=True)
    nested = _Nested(work.progress, is_quiet=True)
    stack = loaded.plan.primary.stack
    regions = deploy_plan(work.where, site, loaded.plan, stack, approve=lambda _: True, progress=nested)
    for done in regions.answers:
        work.progress.note(f"{len(done.changes)} resources created in {done.region} in {done.seconds:.1f} s")
    for instance in sandbox.status(work.where.sandbox_directory).instances:
        servers = ", ".join(f"{server.role} (process {server.pid})" for server in instance.servers)
        work.progress.note(f"{instance.identifier} at {instance.address}:{instance.port}: {instance.engine}, {servers}")
    return site


def _verify(work: _Demo, site: Site, loaded: Loaded, progress: Progress) -> None:
    verified = verify_plan(site, work.where, loaded.plan, loaded.plan.primary.stack, progress=progress)
    for row in {row for rows in verified.substitutions.values() for row in rows}:
        progress.note(
            f"in place of {row.name}={row.planned} the sandbox runs {row.effective or 'nothing'}: {row.reason}"
        )
    stop = verified.verification.stop()
    if stop and verified.verification.verdict == "fail":
        raise stop


def _disaster(site: Site, loaded: Loaded, seconds: float, progress: Progress) -> tuple[Disaster, tuple[SqlCheck, ...]]:
    """The application, its disaster, and those of the spec's questions that the application's data answer."""
    stack = loaded.plan.primary.stack
    identifier = primary_identifier(site, loaded.plan, stack)
    login = site.doors.secrets.read_login(secret_of_primary(site, loaded.plan, stack))
    state = site.doors.rds.instance(identifier)
    if state.address is None or state.port is None:
        raise TargetRefused("no endpoint", detail=f"{identifier} is {state.status}.")
    address = Address(state.address, state.port)

    def open_database(name: str) -> Connection:
        return connect(login, address, site.ca_bundle, database=name or None, engine=state.engine)

    application = Application(open_database, run_id="demo", engine=state.engine)
    progress.note(f"{application.seed():,} rows of customers, products and orders")
    traffic = application.run_for(seconds)
    progress.note(
        f"{traffic.acknowledged:,} orders acknowledged through {address} in {traffic.seconds:.1f} s, "
        f"{traffic.failed} failed, {traffic.in_doubt} in doubt"
    )
    answerable = _answerable(loaded.plan.intent.drill.checks, open_database, state.engine, progress)
    disaster = application.drop_table()
    progress.note(f"DISASTER: table {disaster.table} was dropped at {render_time(disaster.at)}")
    progress.note(f"to be restored to {render_time(disaster.target)}")
    return disaster, answerable


def _answerable(
    asked: tuple[SqlCheck, ...], open_database: Opener, engine: str, progress: Progress
) -> tuple[SqlCheck, ...]:
    """A design's questions are about its own tables, of which the demo's shop may have none: those are left out."""
    kept = []
    for check in asked:
        with open_database(check.database or "") as connection:
            answer = DIALECTS[engine].ask(
                connection,
                name=check.name,
                statement=check.statement,
                expected_rows=check.expected_rows,
                expected_hash=check.expected_hash,
            )
        if answer.has_passed:
            kept.append(check)
        else:
            progress.note(f"left out, because the demo's shop does not answer it: {check.name} ({check.statement})")
    return tuple(kept)


def _tell_drill(drilled: Drilled, progress: Progress) -> None:
    evidence = drilled.result.evidence
    checks_by_outcome = Counter(check["outcome"] for check in evidence["checks"])
    tally = ", ".join(f"{count} {outcome}" for outcome, count in checks_by_outcome.items())
    progress.note(f"restored into {evidence['target']['identifier']}, and deleted again; checks: {tally}")
    for name, what in (("rto", "recovery time, to verified data"), ("rpo", "recovery point, newest order marker")):
        measured = evidence[name].get("measured_s", evidence[name].get("proven_s"))
        if measured is not None:
            promised = evidence[name]["objective_s"]
            progress.note(f"{what}: {measured:.2f} s" + (f", promised {Duration(int(promised))}" if promised else ""))
