"""`mainstay plan`."""

from __future__ import annotations

from functools import partial

from mainstay import api
from mainstay.cli import options


def plan(
    spec: options.Spec = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    why: options.Why = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what a spec would create, what is wrong with it, what it promises and what it costs. Writes nothing."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.plan import plan_view  # lazy, as above

    show(
        api.plan(spec, environment=environment, settings=options.pairs(settings, "--set"), region=region),
        partial(plan_view, with_reasons=why),
        as_json=as_json,
    )
