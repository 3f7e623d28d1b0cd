"""RDS Proxy in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.lists import link, links, texts
from mainstay.formats.scalars import boolean, integer, seconds, text
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import DbProxy, DbProxyTargetGroup, ProxyLogin

_TAGS = Row("tags", "Tags", tags)

DB_PROXY = Table(
    "AWS::RDS::DBProxy",
    DbProxy,
    (
        Row("name", "DBProxyName", text),
        Row("engine_family", "EngineFamily", text),
        Row("role", "RoleArn", link("arn")),
        Row("subnets", "VpcSubnetIds", links("id")),
        Row("security_groups", "VpcSecurityGroupIds", links("id", "group_id")),
        Row("login_by_default", "DefaultAuthScheme", text),
        Row(
            "logins",
            "Auth",
            blocks(
                ProxyLogin,
                Row("scheme", "AuthScheme", text),
                Row("secret", "SecretArn", link("arn")),
                Row("iam", "IAMAuth", text),
                Row("client_password", "ClientPasswordAuthType", text),
                Row("description", "Description", text),
            ),
        ),
        Row("requires_tls", "RequireTLS", boolean),
        Row("idle_timeout", "IdleClientTimeout", seconds),
        Row("logs_debug", "DebugLogging", boolean),
        _TAGS,
    ),
    attributes={"arn": "DBProxyArn", "endpoint_address": "Endpoint", "vpc_id": "VpcId"},
    ref_is="name",
)

DB_PROXY_TARGET_GROUP = Table(
    "AWS::RDS::DBProxyTargetGroup",
    DbProxyTargetGroup,
    (
        Row("proxy", "DBProxyName", link("name")),
        Row("name", "TargetGroupName", text),
        Row("instances", "DBInstanceIdentifiers", links("id")),
        Row("max_connections_percent", "ConnectionPoolConfigurationInfo.MaxConnectionsPercent", integer),
        Row("max_idle_percent", "ConnectionPoolConfigurationInfo.MaxIdleConnectionsPercent", integer),
        Row("borrow_timeout", "ConnectionPoolConfigurationInfo.ConnectionBorrowTimeout", seconds),
        Row("init_query", "ConnectionPoolConfigurationInfo.InitQuery", text),
        Row("pinning_filters", "ConnectionPoolConfigurationInfo.SessionPinningFilters", texts),
        _TAGS,
    ),
    attributes={"arn": "TargetGroupArn"},
    ref_is="arn",
)

TABLES = (DB_PROXY, DB_PROXY_TARGET_GROUP)
