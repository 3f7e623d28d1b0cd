"""What AWS tells of a resource, and nobody writes: the provider shows it among the arguments, and it is no loss.

Computed attributes without an argument of the same name (the provider's schema, as its bindings 25.8.1 for version
6.69.1 say it, 2026-11-21), and what every resource has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EVERYWHERE: Final = frozenset({"id", "arn", "tags_all"})
_TOLD: Final[Mapping[str, frozenset[str]]] = {
    "aws_backup_plan": frozenset({"version"}),
    "aws_backup_restore_testing_plan": frozenset({"tags_all"}),
    "aws_backup_vault": frozenset({"recovery_points"}),
    "aws_backup_vault_lock_configuration": frozenset({"backup_vault_arn"}),
    "aws_backup_vault_notifications": frozenset({"backup_vault_arn"}),
    "aws_backup_vault_policy": frozenset({"backup_vault_arn"}),
    "aws_cloudwatch_dashboard": frozenset({"dashboard_arn"}),
    "aws_db_event_subscription": frozenset({"customer_aws_id"}),
    "aws_db_instance": frozenset(
        {
            "address",
            "endpoint",
            "engine_version_actual",
            "hosted_zone_id",
            "latest_restorable_time",
            "listener_endpoint",
            "master_user_secret",
            "replicas",
            "resource_id",
            "status",
            "upgrade_rollout_order",
        }
    ),
    "aws_db_proxy": frozenset({"endpoint"}),
    "aws_db_proxy_default_target_group": frozenset({"name"}),
    "aws_db_proxy_target": frozenset(
        {"endpoint", "port", "rds_resource_id", "target_arn", "tracked_cluster_id", "type"}
    ),
    "aws_db_subnet_group": frozenset({"supported_network_types", "vpc_id"}),
    "aws_eip": frozenset(
        {
            "allocation_id",
            "association_id",
            "carrier_ip",
            "customer_owned_ip",
            "private_dns",
            "private_ip",
            "ptr_record",
            "public_dns",
            "public_ip",
        }
    ),
    "aws_iam_instance_profile": frozenset({"create_date", "unique_id"}),
    "aws_iam_role": frozenset({"create_date", "unique_id"}),
    "aws_instance": frozenset(
        {
            "instance_lifecycle",
            "instance_state",
            "outpost_arn",
            "password_data",
            "primary_network_interface_id",
            "private_dns",
            "public_dns",
            "public_ip",
            "spot_instance_request_id",
        }
    ),
    "aws_internet_gateway": frozenset({"owner_id"}),
    "aws_kms_alias": frozenset({"target_key_arn"}),
    "aws_kms_key": frozenset({"key_id"}),
    "aws_lambda_function": frozenset(
        {
            "invoke_arn",
            "last_modified",
            "qualified_arn",
            "qualified_invoke_arn",
            "response_streaming_invoke_arn",
            "signing_job_arn",
            "signing_profile_version_arn",
            "source_code_size",
            "version",
        }
    ),
    "aws_nat_gateway": frozenset(
        {
            "association_id",
            "auto_provision_zones",
            "auto_scaling_ips",
            "network_interface_id",
            "public_ip",
            "regional_nat_gateway_address",
            "regional_nat_gateway_auto_mode",
            "route_table_id",
        }
    ),
    "aws_route": frozenset({"instance_id", "instance_owner_id", "origin", "state"}),
    "aws_route53_record": frozenset({"fqdn"}),
    "aws_route53_zone": frozenset({"name_servers", "primary_name_server", "zone_id"}),
    "aws_route_table": frozenset({"owner_id"}),
    "aws_s3_bucket": frozenset(
        {
            "bucket_domain_name",
            "bucket_region",
            "bucket_regional_domain_name",
            "hosted_zone_id",
            "website_domain",
            "website_endpoint",
        }
    ),
    "aws_s3_bucket_lifecycle_configuration": frozenset({"id"}),
    "aws_secretsmanager_secret_version": frozenset({"has_secret_string_wo", "secret_arn", "version_id"}),
    "aws_security_group": frozenset({"owner_id"}),
    "aws_sns_topic": frozenset({"beginning_archive_time", "owner"}),
    "aws_sns_topic_policy": frozenset({"owner"}),
    "aws_sns_topic_subscription": frozenset({"confirmation_was_authenticated", "owner_id", "pending_confirmation"}),
    "aws_subnet": frozenset({"ipv6_cidr_block_association_id", "owner_id"}),
    "aws_vpc": frozenset(
        {
            "default_network_acl_id",
            "default_route_table_id",
            "default_security_group_id",
            "dhcp_options_id",
            "ipv6_association_id",
            "main_route_table_id",
            "owner_id",
        }
    ),
    "aws_vpc_endpoint": frozenset(
        {
            "cidr_blocks",
            "dns_entry",
            "network_interface_ids",
            "owner_id",
            "prefix_list_id",
            "requester_managed",
            "state",
        }
    ),
    "aws_vpc_security_group_egress_rule": frozenset({"id", "security_group_rule_id", "tags_all"}),
    "aws_vpc_security_group_ingress_rule": frozenset({"id", "security_group_rule_id", "tags_all"}),
}


def is_told(path: str) -> bool:
    """Whether a path of a block (`aws_vpc.owner_id`) is what AWS tells of it, or a part of that."""
    type_name, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    return type_name.startswith("aws_") and (name in _EVERYWHERE or name in _TOLD.get(type_name, frozenset()))
