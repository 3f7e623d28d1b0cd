"""What stands in a second region: backups to restore from, and what a restored database needs around it."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from mainstay.core.units import Duration
from mainstay.spec.backup_plan import Lock
from mainstay.spec.faults import fault
from mainstay.spec.network import NAT_SCHEMA, Network, nat_choice, vpc_size
from mainstay.spec.places import AccountId, Region
from mainstay.spec.quantities import Cidr, Days, between
from mainstay.spec.section import Section, distinct

_LONGEST: Final = Duration.days(36_500)


class RecoveryNetwork(Network):
    """A VPC for what is restored; nothing runs in it until then, so that a NAT gateway would be paid for nothing."""

    cidr: Annotated[Cidr, AfterValidator(vpc_size)] = IPv4Network("10.1.0.0/16")
    """The VPC's addresses; another range than the primary's, so that both can be connected."""
    nat: Annotated[int | str, PlainValidator(nat_choice), WithJsonSchema(NAT_SCHEMA)] = "none"
    """NAT gateways: `none` until something runs there that needs the internet."""


class Copies(Section):
    """Snapshots of AWS Backup, copied into a vault in the other region; each holds one moment, without PITR."""

    continuous: Annotated[Days, AfterValidator(between(Duration.days(2), _LONGEST))] | None = None
    """How long the daily copy of a continuous backup is kept; 2 days at least."""
    daily: Annotated[Days, AfterValidator(between(Duration.days(2), _LONGEST))] | None = None
    """How long a daily copy is kept; longer than it takes until the next."""
    weekly: Annotated[Days, AfterValidator(between(Duration.days(8), _LONGEST))] | None = None
    """How long a weekly copy is kept; longer than a week."""
    monthly: Annotated[Days, AfterValidator(between(Duration.days(32), _LONGEST))] | None = None
    """How long a monthly copy is kept; longer than a month."""

    @property
    def tiers(self) -> dict[str, Duration]:
        """How long copies are kept, by the tier that they are copies of."""
        kept = {name: getattr(self, name) for name in ("continuous", "daily", "weekly", "monthly")}
        return {name: keep for name, keep in kept.items() if keep is not None}


class DisasterRecovery(Section):
    """A second region, from which the database can be restored when the first one is lost."""

    region: Region = Field(examples=["eu-west-1"])
    """The other region."""
    keep: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(35)))] | None = None
    """How long the replicated automated backups are kept there, from which any second can be restored; 1 to 35 days.
    Left out, as long as `backups.keep`; `null` replicates none."""
    copies: Copies | None = None
    """Copies of the backup plan's snapshots there; left out, there are none."""
    lock: Lock | None = None
    """Bounds of retention that the vault there enforces."""
    admits: Annotated[tuple[AccountId, ...], AfterValidator(distinct)] = ()
    """Accounts that may copy recovery points into the vault there."""
    network: RecoveryNetwork = RecoveryNetwork()
    """Where a restored database would stand: a VPC of its own, or an existing one of that region."""

    @property
    def replicates(self) -> bool:
        """Whether automated backups are replicated, from which any second can be restored."""
        return self.keep is not None or "keep" not in self.model_fields_set

    @model_validator(mode="after")
    def _holds_together(self) -> DisasterRecovery:
        copied = self.copies.tiers if self.copies else {}
        if self.copies is not None and not copied:
            raise fault("SP012", "It copies nothing.", "write daily: 30d, or leave copies out", at="copies")
        if not copied and not self.replicates:
            raise fault("SP012", "Nothing leaves the region.", "leave keep out, or write copies", at="keep")
        for key, value in (("lock", self.lock), ("admits", self.admits)):
            if value and not copied:
                raise fault("SP012", "Without copies there is no vault.", f"write copies, or leave {key} out", at=key)
        if self.lock is not None:
            for name, keep in copied.items():
                self.lock.refuse(f"copies.{name}", keep)
        return self
