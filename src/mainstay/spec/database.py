"""The database itself: engine, version, class, name, replicas and engine settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from mainstay import facts
from mainstay.spec.faults import excluded, fault
from mainstay.spec.quantities import Version, between
from mainstay.spec.section import Section, matching, one_of
from mainstay.spec.snapshot import Snapshot

_AURORA: Final = (
    "Aurora is not supported: its storage, backups and failover work differently, so none of the "
    "checks, forecasts and drills here would be true of it."
)
_CLUSTER: Final = "multi-az-cluster"
_REFUSED: Final = {"aurora": _AURORA, "aurora-postgresql": _AURORA, "aurora-mysql": _AURORA}
_ENGINES: Final = ("postgres", "mysql", "mariadb")
_PORTS: Final = {"postgres": 5432, "mysql": 3306, "mariadb": 3306}


def _availability(value: Any) -> Any:  # Any: a validator's door
    if value in ("cluster", _CLUSTER):
        why = f"A Multi-AZ DB cluster is not supported: {facts.conflict('cluster-copies').why}"
        raise excluded("cluster-copies", "write multi_az: true for a standby in another zone", detail=why)
    return value


def _scalar(value: Any) -> Any:  # Any: a validator's door
    if value is None or isinstance(value, (dict, list)):
        raise fault("SP007", "A parameter has one value, not a list or nothing.", "write a number, true, false or text")
    return value


# RDS User Guide, CHAP_Limits and botocore's CreateDBInstance, 2026-11-20.
InstanceClass = Annotated[
    str,
    AfterValidator(matching(r"db\.[a-z0-9-]+\.[a-z0-9-]+", 40, "write it in full, such as db.m7g.large")),
    Field(examples=["db.m7g.large", "db.t4g.medium"]),
]
# RDS API Reference, CreateDBInstance, DBInstanceIdentifier, 2026-11-21; RDS keeps it in lower case.
Identifier = Annotated[
    str,
    AfterValidator(
        matching(
            r"[a-z](?!.*--)[a-z0-9-]*(?<!-)",
            63,
            "use small letters, digits and single hyphens; start with a letter, end with none",
        )
    ),
    Field(examples=["shop-prod-restore-20261121-141500"]),
]
DatabaseName = Annotated[
    str,
    AfterValidator(
        matching(r"[A-Za-z_][A-Za-z0-9_]*", 64, "start with a letter or _, then letters, digits and _ (no hyphen)")
    ),
    Field(examples=["tap"]),
]
Port = Annotated[
    StrictInt, AfterValidator(between(1150, 65535)), Field(json_schema_extra={"minimum": 1150, "maximum": 65535})
]
ReplicaCount = Annotated[
    StrictInt, AfterValidator(between(0, 15)), Field(json_schema_extra={"minimum": 0, "maximum": 15})
]
Parameter = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


class Replicas(Section):
    """Read replicas, spread over the zones of the network."""

    count: ReplicaCount = 0
    """How many; RDS allows 15 of one source."""
    instance_class: InstanceClass | None = Field(default=None, alias="class")
    """Their class; the primary's when left out."""


class Database(Section):
    """The engine, its class and its settings."""

    engine: Annotated[str, BeforeValidator(_availability), AfterValidator(one_of(_ENGINES, _REFUSED))] = Field(
        default="postgres", json_schema_extra={"enum": list(_ENGINES)}
    )
    """The engine: postgres, mysql or mariadb."""
    version: Version
    """A major (`17`: the newest minor that can be created) or a full minor in quotes (`"17.10"`)."""
    instance_class: InstanceClass = Field(alias="class")
    """The instance class, in full."""
    name: DatabaseName
    """The database created inside the instance."""
    port: Port | None = None
    """Where it listens; left out, on 5432 (postgres) or 3306. Changing it later can replace the instance."""
    identifier: Identifier | None = None
    """What RDS calls the instance; left out, the stack's name. A new generation that took over keeps its own; any other
    change would be a new, empty database, and is refused."""
    multi_az: Annotated[StrictBool, BeforeValidator(_availability)] = True
    """A synchronous standby in another zone."""
    minor_upgrades: StrictBool = True
    """Minor versions are installed in the maintenance window."""
    extended_support: StrictBool = False
    """Whether AWS may bill Extended Support, by the vCPU, for a major that has left standard support."""
    replicas: Replicas = Replicas()
    """Read replicas."""
    snapshot: Snapshot | None = None
    """What the database is made from; left out, from nothing. Leaving it out later changes nothing."""
    parameters: Mapping[str, Parameter] = Field(
        default_factory=dict,
        examples=[{"shared_buffers": "25%", "work_mem": "16MiB", "log_min_duration_statement": "1s"}],
    )
    """Engine settings by the engine's names, with their unit: shares of the class's memory, sizes, durations."""

    @property
    def usual_port(self) -> int:
        """The engine's own port, on which a proxy always listens."""
        return _PORTS[self.engine]

    @property
    def listens_on(self) -> int:
        """The port as written, or the engine's own."""
        return self.usual_port if self.port is None else self.port
