"""The option group: the audit plugin of MySQL and MariaDB."""

from __future__ import annotations

from mainstay import facts
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.logical import DATABASE_OPTIONS
from mainstay.plan.resources import DbOption, OptionGroup
from mainstay.spec import Spec


def build_options(spec: Spec, draft: Draft) -> Draft:
    """The draft with the option group, where the spec asks for an audit log."""
    audit = spec.monitoring.audit
    if audit is None:
        return draft
    plugin = DbOption(
        # For both engines (RDS User Guide, Appendix.MySQL.Options.AuditPlugin and Appendix.MariaDB.Options.AuditPlugin,
        # 2026-11-21).
        name="MARIADB_AUDIT_PLUGIN",
        settings={
            "SERVER_AUDIT_EVENTS": ",".join(event.upper() for event in audit.events),
            "SERVER_AUDIT_EXCL_USERS": "rdsadmin",  # RDS's own user asks the server something every few seconds
        },
    )
    group = OptionGroup(
        key=DATABASE_OPTIONS,
        engine=spec.database.engine,
        major_version=facts.major_of(spec.database.engine, draft.version),
        description=f"Options of {spec.identifier}",
        options=(plugin,),
        # A group that a snapshot names cannot be deleted (RDS User Guide, USER_WorkingWithOptionGroups.Deleting).
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of("monitoring.audit"),
    )
    return draft.adding(group)
