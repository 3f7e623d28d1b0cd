"""The parameter group: settings with units, compiled to what the engine counts in."""

from __future__ import annotations

import dataclasses

from mainstay import facts
from mainstay.plan.passes.compiling import compiled
from mainstay.plan.passes.draft import Draft, fault_at, refusal, tags
from mainstay.plan.passes.log_settings import empty_logs, usual_settings
from mainstay.plan.passes.logical import DATABASE_PARAMETERS
from mainstay.plan.resources import ParameterGroup
from mainstay.spec import Spec


def build_settings(spec: Spec, draft: Draft) -> Draft:
    """The draft with the parameter group; InputRefused names every setting that does not compile."""
    settings, faults = usual_settings(spec), []
    for name, value in spec.database.parameters.items():
        path = f"database.parameters.{name}"
        try:
            settings[name] = compiled(spec.database.engine, draft.version, name, value, draft.memory)
        except ValueError as error:
            detail, _, hint = str(error).partition("; ")
            faults.append(fault_at(spec, "SP022", path, f"{detail}.", hint))
    faults += empty_logs(spec, settings)
    if faults:
        raise refusal(faults)
    group = ParameterGroup(
        key=DATABASE_PARAMETERS,
        # Unnamed, and the description without versions: family and description replace the group (CloudFormation,
        # AWS::RDS::DBParameterGroup, 2026-11-20), and a fixed name would collide with the group that is replaced.
        family=facts.family(spec.database.engine, draft.version),
        description=f"Settings of {spec.identifier}",
        parameters=dict(sorted(settings.items())),
        tags=tags(spec),
        origin=spec.origin_of("database.parameters"),
    )
    return dataclasses.replace(draft, settings=settings).adding(group)
