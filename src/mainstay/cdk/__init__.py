"""The CDK constructs: a design of Mainstay's as part of a CDK app (`pip install 'mainstay[cdk]'`; docs/cdk.md).

    from aws_cdk import App, Environment, Stack
    from mainstay.cdk import Database

    app = App()
    stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
    orders = Database(stack, "Database", spec="database.yaml", environment="prod")
    app.synth()

The CDK is loaded when a construct is first named. Where no Node.js is installed, the one of the extra is used; for
that, import this before `aws_cdk`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from mainstay.cdk import node

if TYPE_CHECKING:
    from mainstay.cdk.database import Database
    from mainstay.cdk.recovery import DisasterRecovery

__all__ = ["Database", "DisasterRecovery"]

_FILES: Final = {"Database": "database", "DisasterRecovery": "recovery"}

node.offer()


def __getattr__(name: str) -> Any:  # Any: whichever construct was named
    if name not in __all__:
        raise AttributeError(f"module 'mainstay.cdk' has no construct '{name}'")
    node.require()
    # Lazy on purpose: the CDK takes seconds to load, and starts Node.js.
    construct = getattr(importlib.import_module(f"mainstay.cdk.{_FILES[name]}"), name)
    globals()[name] = construct
    return construct
