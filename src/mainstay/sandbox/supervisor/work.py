"""One operation while it runs: the house, the instance, and the steps that are already done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mainstay.core.errors import TargetRefused
from mainstay.sandbox.rds.records import OPERATION, Record
from mainstay.sandbox.supervisor.house import House, find_instance, log
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime


@dataclass(slots=True)
class Work:
    """An operation at work. Each step may find half of itself done by a supervisor that was killed."""

    house: House
    operation: Record

    @property
    def kind(self) -> str:
        """What kind of operation it is."""
        return str(self.operation["kind"])

    @property
    def resource(self) -> str:
        """The DbiResourceId."""
        return str(self.operation["resource"])

    @property
    def region(self) -> str:
        """The region of the instance."""
        return str(self.operation["region"])

    @property
    def params(self) -> Record:
        """What the handler wrote down."""
        params: Record = self.operation["params"]
        return params

    def db(self) -> Record:
        """The instance's record. Error: TargetRefused when it is gone."""
        with self.house.state.reading(self.region) as tx:
            record = find_instance(tx, self.resource)
        if record is None:
            raise TargetRefused("instance is gone", detail=f"{self.operation['instance']} has no record any more.")
        return record

    def find_runtime(self) -> Runtime | None:
        """The instance's runtime, or None before it is laid out."""
        return self.house.load(self.region, self.resource)

    def runtime(self) -> Runtime:
        """The instance's runtime. Error: TargetRefused when it is gone."""
        with self.house.state.reading(self.region) as tx:
            runtime = load_runtime(tx, self.resource)
        if runtime is None:
            raise TargetRefused("instance has no servers", detail=f"{self.operation['instance']} was never built.")
        return runtime

    def do(self, name: str, step: Step) -> None:
        """Run a step unless it is done, and write down that it is."""
        if name in self.operation["done"]:
            return
        began = time.monotonic()
        step(self)
        log.info("%s %s: %s took %.3f s", self.kind, self.operation["instance"], name, time.monotonic() - began)
        self.operation["done"].append(name)
        with self.house.state.transaction(self.region) as tx:
            tx.put(OPERATION, self.operation["id"], self.operation)

    def change(self, **members: Any) -> None:
        """Change members of the instance's record; None takes one out."""
        with self.house.instance(self.runtime()) as (_, record):
            record.update(members)


Step = Callable[[Work], None]
Steps = tuple[tuple[str, Step], ...]
