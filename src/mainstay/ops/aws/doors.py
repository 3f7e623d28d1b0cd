"""All doors of one session, each built when it is first asked."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from boto3 import Session
from botocore.config import Config

from mainstay import __version__
from mainstay.core.clock import Clock, SystemClock
from mainstay.ops.aws.backup import BackupDoor
from mainstay.ops.aws.cloudformation import CloudFormationDoor
from mainstay.ops.aws.cloudwatch import CloudWatchDoor
from mainstay.ops.aws.functions import FunctionsDoor
from mainstay.ops.aws.kms import KmsDoor
from mainstay.ops.aws.logs import LogsDoor
from mainstay.ops.aws.parameter_groups import ParameterGroupDoor
from mainstay.ops.aws.pricing import PricingDoor
from mainstay.ops.aws.proxies import ProxyDoor
from mainstay.ops.aws.rds import RdsDoor
from mainstay.ops.aws.retry import DEFAULT, Budget
from mainstay.ops.aws.route53 import Route53Door
from mainstay.ops.aws.s3 import S3Door
from mainstay.ops.aws.secrets import SecretsDoor
from mainstay.ops.aws.sns import SnsDoor
from mainstay.ops.aws.ssm import SsmDoor
from mainstay.ops.aws.sts import StsDoor
from mainstay.ops.aws.trail import Trail

# Adaptive mode slows the client down when an account is throttled, on top of repeating
# (https://docs.aws.amazon.com/boto3/latest/guide/retries.html, checked 2026-11-20).
CONFIG = Config(
    retries={"mode": "adaptive", "total_max_attempts": 6},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra=f"mainstay/{__version__}",
)

# For a region that may be lost: whoever waits for it does not wait long.
IMPATIENT = CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=5)
)


# A function is waited for as long as it may run (15 minutes: Lambda developer guide, "Lambda quotas", not re-read),
# with signs of life on a connection that is silent meanwhile, and never called twice because nobody waited.
PATIENT: Final = CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=920, tcp_keepalive=True)
)


class Doors:
    """The doors to one account in one region. `clock`, `budget` and `config` govern repeated calls.

    `trail` holds what was asked through them.
    """

    def __init__(
        self, session: Session, clock: Clock | None = None, budget: Budget = DEFAULT, config: Config = CONFIG
    ) -> None:
        self._session = session
        self._config = config
        self._clock = clock or SystemClock()
        self._budget = budget
        self.trail = Trail(self._clock, self.region)

    @property
    def region(self) -> str:
        """The region that the session calls."""
        return str(self._session.region_name)

    def _client(self, service: str, config: Config | None = None) -> Any:  # Any: boto3 publishes no types
        make: Any = self._session.client
        return make(service, config=config or self._config)

    @cached_property
    def rds(self) -> RdsDoor:
        """Databases."""
        return RdsDoor(self._client("rds"), self._clock, self._budget, self.trail)

    @cached_property
    def parameter_groups(self) -> ParameterGroupDoor:
        """Parameter groups of databases."""
        return ParameterGroupDoor(self._client("rds"), self._clock, self._budget, self.trail)

    @cached_property
    def proxies(self) -> ProxyDoor:
        """Proxies."""
        return ProxyDoor(self._client("rds"), self._clock, self._budget, self.trail)

    @cached_property
    def names(self) -> Route53Door:
        """Names in DNS."""
        return Route53Door(self._client("route53"), self._clock, self._budget, self.trail)

    @cached_property
    def backup(self) -> BackupDoor:
        """Backup vaults."""
        return BackupDoor(self._client("backup"), self._clock, self._budget, self.trail)

    @cached_property
    def cloudformation(self) -> CloudFormationDoor:
        """Stacks."""
        return CloudFormationDoor(self._client("cloudformation"), self._clock, self._budget, self.trail)

    @cached_property
    def secrets(self) -> SecretsDoor:
        """Secrets."""
        return SecretsDoor(self._client("secretsmanager"), self._clock, self._budget, self.trail)

    @cached_property
    def s3(self) -> S3Door:
        """Buckets."""
        return S3Door(self._client("s3"), self._clock, self._budget, self.trail)

    @cached_property
    def ssm(self) -> SsmDoor:
        """Public parameters."""
        return SsmDoor(self._client("ssm"), self._clock, self._budget, self.trail)

    @cached_property
    def sts(self) -> StsDoor:
        """Who we are."""
        return StsDoor(self._client("sts"), self._clock, self._budget, self.trail)

    @cached_property
    def cloudwatch(self) -> CloudWatchDoor:
        """Alarms."""
        return CloudWatchDoor(self._client("cloudwatch"), self._clock, self._budget, self.trail)

    @cached_property
    def sns(self) -> SnsDoor:
        """Topics and who listens to them."""
        return SnsDoor(self._client("sns"), self._clock, self._budget, self.trail)

    @cached_property
    def kms(self) -> KmsDoor:
        """Keys."""
        return KmsDoor(self._client("kms"), self._clock, self._budget, self.trail)

    @cached_property
    def pricing(self) -> PricingDoor:
        """The price list, which is served from few regions only."""
        return PricingDoor(self._client("pricing"), self._clock, self._budget)

    @cached_property
    def functions(self) -> FunctionsDoor:
        """Functions."""
        return FunctionsDoor(self._client("lambda", PATIENT), self._clock, self._budget, self.trail)

    @cached_property
    def logs(self) -> LogsDoor:
        """Log groups."""
        return LogsDoor(self._client("logs"), self._clock, self._budget, self.trail)
