"""RDS Proxy in Terraform: a proxy has one target group from the start, and each target is a block of its own."""

from __future__ import annotations

from typing import Final

from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.scalars import boolean, integer, seconds, text
from mainstay.formats.table import Row, blocks
from mainstay.formats.terraform.blocks import NOWHERE, Beside, Blocks
from mainstay.formats.terraform.codecs import BlockEach
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import DbProxy, DbProxyTargetGroup, ProxyLogin

DB_PROXY = Blocks(
    "aws_db_proxy",
    DbProxy,
    (
        Row("name", "aws_db_proxy.name", text),
        Row("engine_family", "aws_db_proxy.engine_family", text),
        Row("role", "aws_db_proxy.role_arn", link("arn")),
        Row("subnets", "aws_db_proxy.vpc_subnet_ids", links("id")),
        Row("security_groups", "aws_db_proxy.vpc_security_group_ids", links("id", "group_id")),
        Row("login_by_default", "aws_db_proxy.default_auth_scheme", text),
        Row(
            "logins",
            "aws_db_proxy.auth",
            blocks(
                ProxyLogin,
                Row("scheme", "auth_scheme", text),
                Row("secret", "secret_arn", link("arn")),
                Row("iam", "iam_auth", text),
                Row("client_password", "client_password_auth_type", text),
                Row("description", "description", text),
            ),
        ),
        Row("requires_tls", "aws_db_proxy.require_tls", boolean),
        Row("idle_timeout", "aws_db_proxy.idle_client_timeout", seconds),
        Row("logs_debug", "aws_db_proxy.debug_logging", boolean),
        tags("aws_db_proxy"),
    ),
    attributes={"endpoint_address": "endpoint", "vpc_id": NOWHERE},
    ref_is="name",
)

_GROUP: Final = "aws_db_proxy_default_target_group"
_TARGET: Final = "aws_db_proxy_target"
# What the provider adds to a target (Terraform Registry, aws_db_proxy_target, 2026-11-21).
_COMPUTED: Final = frozenset({"id", "endpoint", "port", "rds_resource_id", "target_arn", "tracked_cluster_id", "type"})
_POOL: Final = f"{_GROUP}.connection_pool_config"

DB_PROXY_TARGET_GROUP = Blocks(
    _GROUP,
    DbProxyTargetGroup,
    (
        Row("proxy", f"{_GROUP}.db_proxy_name", link("name")),
        Row("max_connections_percent", f"{_POOL}.max_connections_percent", integer),
        Row("max_idle_percent", f"{_POOL}.max_idle_connections_percent", integer),
        Row("borrow_timeout", f"{_POOL}.connection_borrow_timeout", seconds),
        Row("init_query", f"{_POOL}.init_query", text),
        Row("pinning_filters", f"{_POOL}.session_pinning_filters", texts),
        # The provider has no argument for either: the group is the proxy's own, of which there is one.
        Row("name", f"{_GROUP}.//.name", text),
        Row("tags", f"{_GROUP}.//.tags", Named(text)),
        Row("instances", _TARGET, BlockEach("db_instance_identifier", links("id"), _COMPUTED)),
    ),
    ref_is="arn",
    beside=(
        Beside(type_name=_TARGET, joins={"db_proxy_name": "db_proxy_name", "target_group_name": "name"}, is_many=True),
    ),
)

TABLES: tuple[Blocks, ...] = (DB_PROXY, DB_PROXY_TARGET_GROUP)
