"""Where a command works: an AWS account, or the sandbox of a directory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused, NotFound
from mainstay.ops.aws.doors import IMPATIENT, Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.retry import ONCE
from mainstay.ops.aws.session import open_session
from mainstay.ops.aws.stack_states import StackResource
from mainstay.ops.journal import Journal
from mainstay.ops.site import AWS, SANDBOX, InForce, Lab, Site, StandIns, as_planned
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import SecretField

WORKSPACE: Final = Path(".mainstay")
# CloudFormation API Reference, CreateStack, StackName (checked 2026-11-20).
_STACK_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_DEPLOY_FIRST: Final = "deploy it first: mainstay deploy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The target that somebody chose. `workspace` holds the sandbox, the journal and the evidence.

    `ca_bundle` is a file of the certificates that databases in AWS are trusted by; the sandbox has its own.
    """

    is_sandbox: bool = False
    profile: str | None = None
    role_arn: str | None = None
    ca_bundle: Path | None = None
    workspace: Path = WORKSPACE

    @property
    def sandbox_directory(self) -> Path:
        """The sandbox of this workspace."""
        return self.workspace / "sandbox"

    @property
    def journal(self) -> Journal:
        """What was done from this workspace: the sandbox's own journal goes with it when it is taken down."""
        return Journal(self.sandbox_directory / "journal" if self.is_sandbox else self.workspace / "journal")

    @property
    def evidence_directory(self) -> Path:
        """Where drills leave their evidence."""
        return self.workspace / "evidence"


def open_site(where: Where, region: str | None, *, begin: bool = False, is_patient: bool = True) -> Site:
    """The site behind a choice; InputRefused when both an account and the sandbox were asked for.

    Only with `begin` a sandbox is begun where there is none; NotFound otherwise, and nothing is written. What is not
    `is_patient` asks each question once, for seconds.
    """
    if not where.is_sandbox:
        session = open_session(region, where.profile, where.role_arn)
        doors = Doors(session) if is_patient else Doors(session, budget=ONCE, config=IMPATIENT)
        return Site(doors=doors, label=AWS, region=str(session.region_name), ca_bundle=where.ca_bundle)
    if where.profile or where.role_arn:
        raise InputRefused(
            "two targets",
            detail="--sandbox works on this machine; --profile and --role-arn name an AWS account.",
            hint="leave one of them out",
        )
    directory = where.sandbox_directory
    if not begin and not directory.exists():
        raise NotFound(
            "no sandbox", detail=f"There is none at {directory}.", hint="`mainstay deploy --sandbox` begins one"
        )
    from mainstay import sandbox  # lazy: an account needs none of it

    name = region or "us-east-1"
    return Site(
        doors=Doors(sandbox.session(directory, name)),
        label=SANDBOX,
        region=name,
        ca_bundle=directory / "ca.pem",
        in_force=_sandboxed(directory),
        stand_ins=_stand_ins(directory, name),
        lab=_lab(directory, name),
    )


def require_programs(where: Where, plan: Plan) -> None:
    """In the sandbox, that there are programs of every engine of the plan. EnvironmentLacking with how to get them."""
    if where.is_sandbox:
        from mainstay import sandbox

        # A replica runs what its source runs, and says no version of its own.
        databases = [one for one in plan.of(DbInstance) if one.engine and one.source is None]
        wanted = ((str(one.engine), _literal(one.engine_version)) for one in databases)
        sandbox.require_engines(where.sandbox_directory, wanted)


def _literal(version: object) -> str:
    return version if isinstance(version, str) else ""


def stack_name(plan: Plan, given: str | None, region: str | None = None) -> str:
    """The stack's name: what was given, else the plan's own for the region. InputRefused when AWS takes none such."""
    if given is not None:
        if not _STACK_NAME.fullmatch(given):
            raise InputRefused(
                "no name for a stack",
                detail=f"'{given}' is not a name that CloudFormation takes.",
                hint="use letters, digits and hyphens, a letter first, 128 at most",
            )
        return given
    return next((part.stack for part in plan.regions if part.region == region), plan.primary.stack)


def deployed_stack(site: Site, plan: Plan, given: str | None) -> str:
    """The name of a stack that is there; NotFound says where it was looked for."""
    name = stack_name(plan, given)
    if site.doors.cloudformation.find_stack(name) is None:
        raise not_deployed(site, f"There is no stack {name} in {site.region} ({site.label}).")
    return name


def not_deployed(site: Site, detail: str) -> NotFound:
    """The stop of a command that needs a stack, with how to get one at this site."""
    if site.label == SANDBOX:
        return NotFound("not deployed", detail=detail, hint=_DEPLOY_FIRST + " --sandbox")
    return NotFound("not deployed", detail=detail, hint=f"{_DEPLOY_FIRST}, or correct --stack, --region or --profile")


def _sandboxed(directory: Path) -> InForce:
    from mainstay import sandbox  # lazy, as above

    def in_force(planned: Mapping[str, str], instance: DbState) -> Mapping[str, str | None]:
        replaced = {row.name: row.effective for row in sandbox.substitutions(directory, instance.identifier)}
        return {
            # What RDS adds to the engine cannot be shown by the engine; where the sandbox maps it, a row says how.
            name: replaced.get(name, None if name.startswith("rds.") else value)
            for name, value in as_planned(planned, instance).items()
        }

    return in_force


def _stand_ins(directory: Path, region: str) -> StandIns:
    from mainstay import sandbox  # lazy, as above

    def stand_ins(resources: Sequence[StackResource]) -> tuple[str, ...]:
        """What the sandbox runs in place of these databases and proxies, where it is something else."""
        seen = sandbox.status(directory)
        notes = {("AWS::RDS::DBInstance", one.identifier): one.note for one in seen.instances if one.region == region}
        notes |= {("AWS::RDS::DBProxy", one.identifier): one.note for one in seen.proxies if one.region == region}
        found = ((known, notes.get((known.type, known.physical_id))) for known in resources)
        return tuple(f"{known.logical_id}: {note}" for known, note in found if note)

    return stand_ins


def _lab(directory: Path, region: str) -> Lab:
    from mainstay.sandbox import injection, programs  # lazy, as above

    return Lab(
        faults={fault: partial(_inject, directory, region, fault) for fault in injection.FAULTS},
        has_redundancy=partial(injection.has_redundancy, directory, region),
        program_of=partial(programs.program_of, directory, region),
    )


def _inject(directory: Path, region: str, fault: str, identifier: str) -> None:
    from mainstay.sandbox import injection  # lazy, as above

    injection.inject(directory, region, identifier, fault)


def primary_identifier(site: Site, plan: Plan, stack: str) -> str:
    """The identifier that the plan's first database really has; NotFound when the stack does not hold it."""
    return physical_id(site, stack, primary_of(plan).key)


def secret_of_primary(site: Site, plan: Plan, stack: str) -> str:
    """The ARN of the secret that holds the first database's login."""
    password = primary_of(plan).password
    if primary_of(plan).manages_password is True:
        state = site.doors.rds.instance(primary_identifier(site, plan, stack))
        if state.secret_arn:
            return state.secret_arn
    if not isinstance(password, SecretField):
        raise InputRefused(
            "no login to use",
            detail=f"{primary_of(plan).key} of stack {stack} takes its password from no secret of the plan.",
            hint="let the spec generate its credentials",
        )
    return physical_id(site, stack, password.secret.key)


def primary_of(plan: Plan) -> DbInstance:
    """The plan's first database that is no replica."""
    for database in plan.primary.of(DbInstance):
        if database.source is None:
            return database
    raise InputRefused("no database", detail="The plan holds no database of its own.", hint="add one to the spec")


def physical_id(site: Site, stack: str, key: str) -> str:
    """What a stack calls its resource of that logical id; NotFound when it does not hold one."""
    for resource in site.doors.cloudformation.resources(stack):
        if resource.logical_id == key and resource.physical_id:
            return resource.physical_id
    raise not_deployed(site, f"Stack {stack} in {site.region} ({site.label}) does not hold {key}.")
