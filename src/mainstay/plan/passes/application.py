"""The application's role: Session Manager, and a way to log in, by token or by the secret, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.plan.passes.credentials import master_secret
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import APPLICATION_ROLE, APPLICATION_SECRET, PROXY, instances
from mainstay.plan.passes.roles import managed, reading_secret, trust
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import InstanceProfile, Resource, Role
from mainstay.plan.values import Attr, Part, Ref, Value, arn, join
from mainstay.spec import Spec
from mainstay.spec.access import ApplicationRole

_PROXY_ID_IN_ARN: Final = 6  # arn:partition:rds:region:account:db-proxy:prx-…


def build_application(spec: Spec, draft: Draft) -> Draft:
    """The draft with the application's role, where the spec asks for one."""
    application = spec.access.application_role
    return draft if application is None else draft.adding(*_role(spec, application))


def _role(spec: Spec, application: ApplicationRole) -> Iterator[Resource]:
    origin = spec.origin_of("access.application_role")
    is_host = application.service == "ec2"
    yield Role(
        key=APPLICATION_ROLE,
        description="The application: logs in to the database",
        trust=trust(f"{application.service}.amazonaws.com"),
        # Only a host runs the agent of Session Manager.
        managed_policies=(managed("AmazonSSMManagedInstanceCore"),) if is_host else (),
        policies=(InlinePolicy("LogIn", Policy(tuple(_logging_in(spec, application)))),),
        tags=tags(spec),
        origin=origin,
    )
    if is_host:
        yield InstanceProfile(key="ApplicationProfile", roles=(Ref(APPLICATION_ROLE),), origin=origin)


def _logging_in(spec: Spec, application: ApplicationRole) -> Iterator[Statement]:
    places = list(_token_places(spec, application))
    if places:
        yield Statement(sid="Tokens", actions=("rds-db:connect",), resources=tuple(places))
    proxy = spec.access.proxy
    takes_tokens = proxy.iam_authentication if proxy else spec.credentials.iam_authentication
    if not takes_tokens:
        rotation = spec.credentials.rotation
        alternates = rotation is not None and rotation.users == "alternating"
        yield from reading_secret(Attr(APPLICATION_SECRET, "id") if alternates else master_secret(spec))


def _token_places(spec: Spec, application: ApplicationRole) -> Iterator[Value[str]]:
    """Where tokens are taken: the instances' resource ids, and the proxy's own.

    Through a proxy it is the proxy's id that counts, with the user of the secret it logs in with (RDS User Guide,
    UsingWithRDS.IAMDBAuth.IAMPolicy and rds-proxy-iam-setup, 2026-11-20).
    """
    user = application.user or spec.credentials.username
    if spec.credentials.iam_authentication:
        for key in instances(spec):
            yield arn("rds-db", join("dbuser:", Attr(key, "resource_id"), f"/{user}"))
    if spec.access.proxy and spec.access.proxy.iam_authentication:
        proxy = Part(Attr(PROXY, "arn"), ":", _PROXY_ID_IN_ARN)
        yield arn("rds-db", join("dbuser:", proxy, f"/{spec.credentials.username}"))
