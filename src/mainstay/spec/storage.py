"""The volume: size, growth, and provisioned performance (RDS User Guide, CHAP_Storage, 2026-11-20)."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictInt, model_validator

from mainstay.core.units import Bytes
from mainstay.spec.faults import excluded, fault
from mainstay.spec.quantities import Size, between
from mainstay.spec.section import Section, one_of

_GIB: Final = 2**30
_SETTABLE_FROM: Final = Bytes.gib(400)


def _whole_gib(value: Bytes) -> Bytes:
    if value % _GIB:
        raise fault("SP008", f"{value} is not a whole number of GiB.", "RDS counts storage in GiB; write 100 GiB")
    return value


_Storage = Annotated[Size, AfterValidator(_whole_gib), AfterValidator(between(Bytes.gib(20), Bytes.gib(65_536)))]


class Storage(Section):
    """gp3 storage."""

    type: Annotated[str, AfterValidator(one_of(("gp3",)))] = Field(default="gp3", json_schema_extra={"enum": ["gp3"]})
    """The kind of volume; this version builds gp3."""
    size: _Storage
    """The size at the start; it can grow, never shrink."""
    max_size: _Storage | None = None
    """Where growth on its own ends; left out, storage does not grow."""
    iops: Annotated[StrictInt, AfterValidator(between(12_000, 64_000))] | None = None
    """Provisioned operations a second, from 400 GiB on; 3000 below."""
    throughput_mib_s: Annotated[StrictInt, AfterValidator(between(500, 4_000))] | None = None
    """Provisioned MiB/s, from 400 GiB on; 125 below."""

    @model_validator(mode="after")
    def _fits(self) -> Storage:
        self._growth()
        self._performance()
        return self

    def _growth(self) -> None:
        if self.max_size is not None and self.max_size < self.size * Fraction(11, 10):
            least = -(-self.size * 11 // 10 // _GIB)
            raise fault(
                "SP012",
                f"max_size {self.max_size} leaves less than a tenth above size {self.size}, which RDS refuses.",
                f"write at least {least} GiB, or leave max_size out",
                at="max_size",
            )

    def _performance(self) -> None:
        for name, value in (("iops", self.iops), ("throughput_mib_s", self.throughput_mib_s)):
            if value is not None and self.size < _SETTABLE_FROM:
                raise excluded(
                    "gp3-small-performance",
                    "leave it out, or write a size of 400 GiB or more",
                    at=name,
                    detail=f"{name} cannot be set on gp3 below 400 GiB (size is {self.size}).",
                )
        # The bound of 500 operations a GiB is never met: 64,000 are 160 a GiB from 400 GiB on.
        # Four operations a second carry one MiB/s; without iops of its own, gp3 from 400 GiB on brings 12,000.
        most = (self.iops or 12_000) // 4
        if self.throughput_mib_s is not None and self.throughput_mib_s > most:
            raise fault(
                "SP012",
                f"{self.throughput_mib_s} MiB/s are more than a quarter of {self.iops or 12_000} iops.",
                f"write at most {most}, or more iops",
                at="throughput_mib_s",
            )
