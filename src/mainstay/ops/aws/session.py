"""Who calls, and where: a boto3 session from a region, a profile and a role."""

from __future__ import annotations

from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.session import Session as CoreSession
from botocore.session import get_session

from mainstay.core.errors import InputRefused
from mainstay.ops.aws.errors import no_credentials, no_region

# An hour is the most that a role assumed from another role may last (IAM User Guide, id_roles_terms-and-concepts,
# role chaining, not re-read); refreshed by botocore before it ends, so a restore may take longer.
_ROLE_SECONDS = 3600


def open_session(region: str | None, profile: str | None = None, role_arn: str | None = None) -> boto3.Session:
    """A session in a region, with credentials that exist; with `role_arn` in that role, renewed as it ages.

    EnvironmentLacking without credentials; InputRefused without a region or for an unknown profile.
    """
    core = get_session()
    if profile:
        core.set_config_variable("profile", profile)
    try:
        where = region or core.get_config_variable("region")
        credentials = core.get_credentials()
    except boto.ProfileNotFound as error:
        known = ", ".join(sorted(core.available_profiles)) or "none"
        raise InputRefused(
            "profile not known",
            detail=f"There is no AWS profile '{profile}'; known: {known}.",
            hint="name one of these with --profile, or add it with `aws configure --profile`",
        ) from error
    if not where:
        raise no_region("Neither the command, the environment nor the profile names a region.")
    if credentials is None:
        raise no_credentials(f"No credentials for profile '{profile or 'default'}' were found on this machine.")
    if role_arn:
        core = _in_role(core, credentials, role_arn, str(where))
    return boto3.Session(botocore_session=core, region_name=where)


def _in_role(core: CoreSession, credentials: Any, role_arn: str, region: str) -> CoreSession:  # Any: untyped botocore
    """A core session whose credentials are those of the role, fetched when first needed and renewed by themselves."""

    def client(service: str, **options: Any) -> Any:
        return core.create_client(service, **{"region_name": region, **options})

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=client,
        source_credentials=credentials,
        role_arn=role_arn,
        extra_args={"RoleSessionName": "mainstay", "DurationSeconds": _ROLE_SECONDS},
    )
    assumed: Any = get_session()  # Any: see the attribute below
    # botocore offers no public way to hand a session credentials that renew themselves; this is the attribute that
    # its own credential resolver fills (botocore 1.44, session.py get_credentials, read 2026-11-20).
    assumed._credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
    renewed: CoreSession = assumed
    return renewed
