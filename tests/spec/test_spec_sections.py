"""Every bound on both sides, and the message on the wrong side of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mainstay.core.findings import Finding
from mainstay.core.units import Bytes, Share
from mainstay.spec import Spec

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]

COPY = "{vault: 'arn:aws:backup:eu-west-1:123456789012:backup-vault:copies', keep: 2d}"

# Setting, values on the right side of each bound, values on the wrong side with what is said about them.
A_KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BOUNDS: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    (
        "name",
        ("a", "a" * 30, "my-shop2"),
        {"a" * 31: "31 characters", "a--b": "not a name", "a-": "not a name", "2a": "not"},
    ),
    ("environment", ("a", "a" * 20), {"a" * 21: "21 characters", "Prod": "not a name"}),
    ("profile", ("prod", "dev", "ransomware"), {"staging": "'staging' is not one of prod, dev, ransomware."}),
    ("region", ("eu-central-1", "us-gov-west-1", "null"), {"Frankfurt": "not a name here"}),
    (
        "account",
        ('"123456789012"', "null"),
        {'"12345678901"': "not a name", '"1234567890123"': "13 char", "123456789012": "text"},
    ),
    (
        "database.engine",
        ("postgres", "mysql", "mariadb"),
        {
            "aurora-postgresql": "Aurora is not supported: its storage",
            "aurora": "Aurora is not supported",
            "oracle": "'oracle' is not one of postgres, mysql, mariadb.",
        },
    ),
    (
        "database.version",
        ("17", '"17"', '"17.10"', "18"),
        {"17.10": "the number 17.1", "true": "True is not text", "[17]": "a list"},
    ),
    (
        "database.class",
        ("db.m7g.large", "db.t4g.micro"),
        {"m7g.large": "not a name", "db.m7g": "not a name", "db." + "a" * 38 + ".b": "43 characters"},
    ),
    ("database.name", ("a", "_a1", "a" * 64), {"a" * 65: "65 characters", "my-shop": "not a name", "1a": "not a name"}),
    (
        "database.identifier",
        ("null", "a", "shop-prod-restore-20261121-141500", "a" * 63),
        {
            "a" * 64: "64 characters",
            "Shop": "not a name",
            "1a": "not a name",
            "a--b": "not a name",
            "a-": "not a name",
        },
    ),
    (
        "database.port",
        ("1150", "65535", "null"),
        {
            "1149": "1149 is outside 1150 to 65535",
            "65536": "outside",
            "true": "True is not a whole number",
            '"5432"': "not a whole number",
        },
    ),
    (
        "database.multi_az",
        ("true", "false"),
        {"cluster": "A Multi-AZ DB cluster is not supported", "1": "not true or false"},
    ),
    ("database.extended_support", ("true", "false"), {"1": "not true or false"}),
    ("database.replicas.count", ("0", "15"), {"16": "16 is outside 0 to 15", "-1": "outside"}),
    ("database.replicas.class", ("db.r7g.large", "null"), {"large": "not a name"}),
    (
        "database.parameters",
        ("{work_mem: 16MiB, a: 1, b: 1.5, c: true}",),
        {"{work_mem: [1]}": "one value, not a list", "{work_mem: }": "one value", "3": "section"},
    ),
    ("storage.type", ("gp3",), {"gp2": "'gp2' is not one of gp3."}),
    (
        "storage.size",
        ("20 GiB", "65536 GiB"),
        {
            "19 GiB": "19 GiB is outside 20 GiB to 64 TiB",
            "65537 GiB": "outside",
            "100": "100 is not a size",
            "102401 MiB": "not a whole number of GiB",
            "100 GB": "'GB' is not a unit",
        },
    ),
    ("storage.max_size", ("110 GiB", "null"), {"109 GiB": "leaves less than a tenth above size 100 GiB"}),
    (
        "storage.iops",
        ("null",),
        {"12000": "cannot be set on gp3 below 400 GiB", "11999": "outside 12000 to 64000", "64001": "outside"},
    ),
    (
        "storage.throughput_mib_s",
        ("null",),
        {"500": "cannot be set on gp3 below", "499": "outside 500 to 4000", "4001": "outside"},
    ),
    (
        "storage",
        (
            "{size: 400 GiB, iops: 12000, throughput_mib_s: 3000}",
            "{size: 400 GiB, iops: 64000, throughput_mib_s: 4000}",
            "{size: 400 GiB, throughput_mib_s: 3000}",
        ),
        {
            "{size: 399 GiB, iops: 12000}": "below 400 GiB (size is 399 GiB)",
            "{size: 400 GiB, iops: 12000, throughput_mib_s: 3001}": "more than a quarter of 12000 iops",
            "{size: 400 GiB, throughput_mib_s: 3001}": "more than a quarter of 12000 iops",
        },
    ),
    (
        "credentials.username",
        ("a", "shop_owner", "a" * 63),
        {"a" * 64: "64 characters", "admin": "reserved", "PG_x": "reserved", "1a": "not a name", "a-b": "not a name"},
    ),
    ("credentials.rotation.every", ("1d", "1000d"), {"23h": "whole number of days", "1001d": "outside 1d to 1000d"}),
    ("credentials.rotation.users", ("single", "alternating"), {"both": "'both' is not one of single, alternating."}),
    ("functions.architecture", ("arm64", "x86_64"), {"arm": "'arm' is not one of arm64, x86_64."}),
    (
        "credentials",
        ("{managed_by: rds}", "{managed_by: mainstay, password_length: 16, rotation: {}}"),
        {
            "{managed_by: aws}": "'aws' is not one of mainstay, rds.",
            "{managed_by: rds, rotation: {}}": "a second owner would lock it out",
            "{managed_by: rds, password_length: 32}": "RDS decides how long its own passwords are",
        },
    ),
    ("credentials.password_length", ("16", "128"), {"15": "outside 16 to 128", "129": "outside"}),
    (
        "network.cidr",
        ("10.0.0.0/16", "10.0.0.0/28"),
        {
            "10.0.0.0/15": "prefix /15",
            "10.0.0.0/29": "prefix /29",
            "10.0.0.1/16": "bits set beyond its prefix",
            "10.0.0": "not an IPv4 range",
            "fd00::/64": "not an IPv4 range",
            "10": "10 is not an IPv4 range",
        },
    ),
    ("network.zones", ("2", "6"), {"1": "1 is outside 2 to 6", "7": "outside"}),
    (
        "network.nat",
        ("per_zone", "one", "none", "1", "2"),
        {
            "two": "'two' is not one of per_zone, one, none.",
            "3": "3 NAT gateways for 2 zones.",
            "0": "0 is outside 1 to 6",
            "7": "7 is outside 1 to 6",
            "true": "neither a word nor a number",
        },
    ),
    (
        "network",
        (
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " private: [subnet-0a1b2c3f, subnet-0123456789abcdef0]}}",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " zones: [eu-central-1a, us-gov-west-1b], application: [{id: subnet-0a1b2c32, cidr: 10.0.0.0/24}],"
            " private: [subnet-0a1b2c3f, subnet-0123456789abcdef0]}}",
        ),
        {
            "{existing: {vpc: 10.0.0.0/16, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "'10.0.0.0/16' is not a name here",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "1 of two subnets or more",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3d],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "subnet-0a1b2c3d stands there twice",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, one],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "'one' is not a name here",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e], zones: [eu-central-1a],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "1 zones for 2 isolated subnets.",
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " zones: [eu-central-1a, eu-central-1a], private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": (
                "All isolated subnets stand in eu-central-1a."
            ),
            "{existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " zones: [eu-central-1a, euc1-az2], private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": (
                "'euc1-az2' is not a name here"
            ),
            "{endpoints: [kms], existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "endpoints would make a network",
            "{zones: 2, nat: one, existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e],"
            " private: [subnet-0a1b2c3f, subnet-0a1b2c30]}}": "zones, nat would make a network, and existing names one",
        },
    ),
    (
        "database.snapshot",
        (
            "null",
            f"{{name: shop-before-the-move, key: '{A_KEY}'}}",
            f"{{name: 'rds:shop-2026-11-20-03-10', key: '{A_KEY}'}}",
            f"{{name: 'arn:aws:rds:eu-central-1:210987654321:snapshot:shared', key: '{A_KEY}'}}",
            f"{{name: {'a' * 255}, key: '{A_KEY}'}}",
        ),
        {
            f"{{name: 1st, key: '{A_KEY}'}}": "'1st' is not a name here",
            f"{{name: a--b, key: '{A_KEY}'}}": "'a--b' is not a name here",
            f"{{name: a-, key: '{A_KEY}'}}": "'a-' is not a name here",
            f"{{name: {'a' * 256}, key: '{A_KEY}'}}": "256 characters",
            "{name: moving}": "it has to be given",
            "{name: moving, key: alias/aws/rds}": "'alias/aws/rds' is not a name here",
        },
    ),
    (
        "alerts.metrics",
        (
            "null",
            "{}",
            "{load: null, swap: null, read_latency: null, proxy_latency: null}",
            "{load: 0.0001%, read_latency: 1ms, disk_queue: 1, ebs_balance: 0.0001%, cpu_credits: 1, swap: 1MiB}",
            "{load: 100%, write_latency: 60s, disk_queue: 10000, ebs_balance: 99.9999%, cpu_credits: 10000}",
            "{swap: 99%, slot_lag: 65536 GiB, transaction_logs: 1 GiB, binlogs: 50%}",
            "{transaction_ids: 1000000, proxy_clients: 1, proxy_refused: 0, proxy_borrow_latency: 1 s}",
            "{transaction_ids: 2000000000, proxy_clients: 1000, proxy_refused: 100000}",
            "{slot_lag: 0.0001%, proxy_borrow_latency: 1ms, proxy_latency: 60s}",
        ),
        {
            "{load: 0%}": "0% is always exceeded",
            "{load: 2}": "2 is not a share",
            "{read_latency: 0ms}": "0 is outside 1 to 60000",
            "{write_latency: 61s}": "61000 is outside 1 to 60000",
            "{read_latency: 20us}": "'20us' is not a latency",
            "{read_latency: 0.02}": "'0.02' is not a latency",
            "{disk_queue: 0}": "0 is outside 1 to 10000",
            "{disk_queue: 10001}": "outside 1 to 10000",
            "{ebs_balance: 0%}": "0% is never or always so",
            "{ebs_balance: 100%}": "100% is never or always so",
            "{cpu_credits: 0}": "0 is outside 1 to 10000",
            "{swap: 1023 KiB}": "outside 1 MiB",
            "{swap: 100%}": "100% is never or always so",
            "{transaction_ids: 999999}": "outside 1000000 to 2000000000",
            "{transaction_ids: 2000000001}": "outside 1000000 to 2000000000",
            "{proxy_clients: 0}": "0 is outside 1 to 1000",
            "{proxy_clients: 1001}": "1001 is outside 1 to 1000",
            "{slot_lag: 0%}": "0% is never or always so",
            "{transaction_logs: 1023 KiB}": "outside 1 MiB",
            "{binlogs: 65537 GiB}": "outside 1 MiB to 64 TiB",
            "{proxy_borrow_latency: 0s}": "0 is outside 1 to 60000",
            "{proxy_latency: 60001ms}": "60001 is outside 1 to 60000",
            "{proxy_refused: -1}": "-1 is outside 0 to 100000",
            "{proxy_refused: 100001}": "outside 0 to 100000",
            "{disk: 1}": "there is no such key here",
        },
    ),
    (
        "network.endpoints",
        ("needed", "none", "[]", "[logs, s3]"),
        {
            "all": "'all' is not one of needed, none.",
            "[mail]": "'mail' is not one of backup, ec2messages",
            "[kms, kms]": "kms stands there twice",
            "[1]": "neither a word nor a list of services",
            "3": "neither a word nor a list of services",
        },
    ),
    (
        "access.application",
        ("group", "subnets", "both"),
        {"address": "'address' is not one of group, subnets, both."},
    ),
    (
        "network.flow_logs",
        ("{}", "null", "{traffic: rejected, keep: 1d}"),
        {"{traffic: some}": "'some' is not one of all, accepted, rejected.", "{keep: 90}": "90 is not a duration"},
    ),
    (
        "network.subnets",
        (
            "{public: [10.0.0.0/28, 10.0.1.0/24]}",
            "{isolated: [10.0.0.0/24, 10.0.1.0/24], private: []}",
            "{application: [10.0.0.0/24]}",
            "{application: [10.0.0.0/24, 10.0.1.0/24]}",
        ),
        {
            "{application: [10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24]}": "3 application ranges for 2 zones",
            "{application: [10.0.0.0/24], private: [10.0.0.0/24, 10.0.1.0/24]}": (
                "application 10.0.0.0/24 and private 10.0.0.0/24 overlap"
            ),
            "{application: [10.0.0.0/29]}": "10.0.0.0/29 is smaller than /28",
            "{public: [10.0.0.0/24]}": "1 public ranges for 2 zones",
            "{private: [10.0.0.0/24, 10.1.0.0/24]}": "10.1.0.0/24 is not inside 10.0.0.0/16",
            "{private: [10.0.0.0/24, 10.0.1.0/29]}": "10.0.1.0/29 is smaller than /28",
            "{private: [10.0.0.0/24, 10.0.0.128/25]}": "private 10.0.0.0/24 and private 10.0.0.128/25 overlap",
            "{public: [10.0.0.0/24, 10.0.1.0/24], isolated: [10.0.2.0/24, 10.0.1.0/24]}": (
                "public 10.0.1.0/24 and isolated 10.0.1.0/24 overlap"
            ),
        },
    ),
    (
        "network",
        ("{nat: none}",),
        {"{nat: none, subnets: {public: [10.0.0.0/24, 10.0.1.0/24]}}": "Without NAT there are no public subnets"},
    ),
    (
        "access.security_groups",
        ("[sg-0a1b2c3d, sg-0123456789abcdef0]", "[]"),
        {"[web]": "not a name here", "[sg-0a1b2c3d, sg-0a1b2c3d]": "sg-0a1b2c3d stands there twice"},
    ),
    ("access.cidrs", ("[10.0.0.0/8, 128.0.0.0/1]",), {"[0.0.0.0/0]": "opens the database's port to everybody"}),
    (
        "access.bastion",
        ("{}", "null", "{image: ami-0a1b2c3d, volume: 1 TiB}", "{volume: 8 GiB}"),
        {
            "{image: latest}": "not a name",
            "{volume: 7 GiB}": "outside 8 GiB to 1 TiB",
            "{instance_type: tiny}": "not a name",
        },
    ),
    (
        "access.proxy",
        (
            "{}",
            "null",
            "{max_connections: 1%, max_idle: 0%}",
            "{max_connections: 50%, max_idle: 50%}",
            "{borrow_timeout: 0s, idle_timeout: 1s}",
            "{borrow_timeout: 300s, idle_timeout: 8h}",
        ),
        {
            "{max_connections: 0%, max_idle: 0%}": "0% of the connections is none",
            "{max_connections: 49%}": "max_idle 50% is more than max_connections 49%",
            "{max_idle: 10.5%}": "10.5% is not a whole percentage",
            "{max_connections: 101%}": "not a share",
            "{borrow_timeout: 301s}": "outside 0s to 5m",
            "{idle_timeout: 0s}": "outside 1s to 8h",
            "{idle_timeout: 28801s}": "outside",
            "{iam_authentication: 1}": "not true or false",
        },
    ),
    (
        "access.dns",
        (
            "null",
            "{name: db.shop.internal, zone: create}",
            "{name: db.internal, zone: Z0123456789ABC}",
            "{name: db.shop.internal, zone: create, ttl: 1s}",
            "{name: db.shop.internal, zone: create, ttl: 300s, target: database}",
            "{name: " + ".".join(["a" * 63] * 3 + ["b" * 61]) + ", zone: create}",
        ),
        {
            "{name: db, zone: create}": "not a name here",
            "{name: db.shop.internal., zone: create}": "not a name here",
            "{name: DB.shop.internal, zone: create}": "not a name here",
            "{name: db-.shop.internal, zone: create}": "not a name here",
            "{name: " + "a" * 64 + ".shop.internal, zone: create}": "not a name here",
            "{name: " + ".".join(["a" * 63] * 3 + ["b" * 62]) + ", zone: create}": "has 254 characters",
            "{name: db.internal, zone: create}": "a zone of all of 'internal'",
            "{name: db.rds.amazonaws.com, zone: create}": "a zone of rds.amazonaws.com, where AWS's own services",
            "{name: db.amazonaws.com.cn, zone: create}": "a zone of amazonaws.com.cn",
            "{name: db.shop.internal}": "zone",
            "{name: db.shop.internal, zone: other}": "not a name here",
            "{name: db.shop.internal, zone: Z" + "1" * 32 + "}": "has 33 characters",
            "{name: db.shop.internal, zone: create, ttl: 0s}": "0s is outside 1s to 5m",
            "{name: db.shop.internal, zone: create, ttl: 301s}": "outside 1s to 5m",
            "{name: db.shop.internal, zone: create, target: replica}": "not one of database, proxy",
            "{name: db.shop.internal, zone: create, target: proxy}": "leads to a proxy, and there is none",
        },
    ),
    (
        "access.application_role",
        ("{}", "null", "{service: lambda, user: app}", "{user: " + "a" * 63 + "}"),
        {
            "{service: eks}": "'eks' is not one of ec2, ecs-tasks, lambda.",
            "{user: a-b}": "not a name",
            "{user: " + "a" * 64 + "}": "64 characters",
        },
    ),
    (
        "protection.backups.keep",
        ("1d", "35d"),
        {
            "0d": "turn automated backups and point-in-time recovery off",
            "36d": "36d is outside 1d to 35d",
            "36h": "1d12h is not a whole number of days",
            "7": "7 is not a duration",
        },
    ),
    (
        "protection.backups.window",
        ("03:00-03:30", "23:45-00:15"),
        {"03:00-03:29": "shorter than 30 minutes", "03:00-03:00": "shorter", "3-4": "not a daily window"},
    ),
    (
        "protection.maintenance",
        ("sun:04:00-sun:04:30", "sun:04:00-mon:00:00", "sun:02:00-sun:04:00"),
        {
            "sun:04:00-sun:04:29": "not from 30 minutes to less than 24 hours",
            "tue:04:00-wed:04:00": "not from",
            "sun:04:00-sun:04:00": "not from",
            "sun:01:59-sun:04:00": "share 1 minutes a week",
        },
    ),
    (
        "protection.backup_plan",
        (
            "null",
            "{continuous: true}",
            "{daily: {keep: 2d}, weekly: {keep: 8d}, monthly: {keep: 32d, day: 28}}",
            "{monthly: {keep: 36500d, day: 1}}",
            "{daily: {keep: 7d, at: '23:59', cold_after: null}}",
            "{daily: {keep: 7d}, start_window: 1h, completion_window: 2h}",
            "{daily: {keep: 7d}, start_window: 8h, completion_window: 9h}",
            "{daily: {keep: 7d}, lock: {least: 7d, most: 7d}}",
            "{daily: {keep: 7d}, lock: {least: 1d}}",
            "{daily: {keep: 7d}, lock: {least: 1d, compliance: {after: 3d, confirmed: shop-dev}}}",
            "{continuous: true, lock: {least: 7d}}",
            f"{{daily: {{keep: 7d}}, copies: [{', '.join([COPY] * 5)}]}}",
            "{daily: {keep: 7d}, restore_test: {keep: 1h}}",
            "{daily: {keep: 7d}, admits: ['123456789012'], restore_test: {day: sat, at: '00:00', keep: 168h}}",
            "{daily: {keep: 7d}, copies: "
            "[{vault: 'arn:aws:backup:eu-west-1:123456789012:backup-vault:copies', keep: 2d}]}",
        ),
        {
            "{}": "It backs nothing up",
            "{daily: {keep: 1d}}": "1d is outside 2d",
            "{weekly: {keep: 7d}}": "7d is outside 8d",
            "{weekly: {keep: 8d, day: sunday}}": "'sunday' is not one of mon",
            "{monthly: {keep: 31d}}": "31d is outside 32d",
            "{monthly: {keep: 36501d}}": "outside",
            "{monthly: {keep: 32d, day: 29}}": "29 is outside 1 to 28",
            "{monthly: {keep: 32d, day: 0}}": "outside",
            "{daily: {keep: 7d, at: '24:00'}}": "'24:00' is not a time of day",
            "{daily: {keep: 7d, at: 2}}": "2 is not a time of day",
            "{daily: {keep: 7d, cold_after: 90d}}": "AWS Backup keeps no RDS snapshot in cold storage",
            "{daily: {keep: 8d}, weekly: {keep: 8d}}": "weekly is kept 8d, no longer than daily",
            "{daily: {keep: 7d}, start_window: 59m}": "59m is outside 1h to 8h",
            "{daily: {keep: 7d}, start_window: 61m1s}": "not a whole number of minutes",
            "{daily: {keep: 7d}, start_window: 481m}": "outside",
            "{daily: {keep: 7d}, completion_window: 119m}": "outside 2h to 7d",
            "{daily: {keep: 7d}, start_window: 2h, completion_window: 179m}": "leaves a job that starts late less than",
            "{daily: {keep: 6d}, lock: {least: 7d}}": "daily.keep 6d is outside the lock",
            "{daily: {keep: 8d}, lock: {least: 1d, most: 7d}}": "daily.keep 8d is outside the lock",
            "{daily: {keep: 8d}, lock: {least: 8d, most: 7d}}": "most 7d is below least 8d",
            "{daily: {keep: 7d}, lock: {least: 0d}}": "outside 1d",
            "{daily: {keep: 7d}, lock: {least: 1d, compliance: {after: 2d, confirmed: shop-dev}}}": "2d is outside 3d",
            "{daily: {keep: 7d}, lock: {least: 1d, compliance: {after: 3d, confirmed: 'yes'}}}": (
                "A lock in compliance mode can never be lifted, and 'yes' does not confirm it"
            ),
            "{continuous: true, lock: {least: 8d}}": "The lock's 8d is more than backups.keep 7d",
            "{daily: {keep: 7d}, admits: ['12345678901']}": "not a name",
            "{daily: {keep: 7d}, restore_test: {keep: 169h}}": "outside 1h to 7d",
            "{daily: {keep: 7d}, restore_test: {keep: 0h}}": "outside 1h to 7d",
            "{daily: {keep: 7d}, restore_test: {keep: 90m}}": "1h30m is not a whole number of hours",
            "{daily: {keep: 7d}, copies: [{vault: copies, keep: 2d}]}": "not a name here",
            f"{{daily: {{keep: 7d}}, copies: [{', '.join([COPY] * 6)}]}}": "at most 5 items",
            "{daily: {keep: 7d}, copies: "
            "[{vault: 'arn:aws:backup:eu-west-1:123456789012:backup-vault:copies', keep: 1d}]}": "outside 2d",
        },
    ),
    (
        "protection",
        ("{backup_plan: {continuous: true}, backups: {keep: 35d}}", "{backup_plan: {daily: {keep: 9d}}}"),
        {
            "{backup_plan: {continuous: true}, backups: {window: '03:00-04:00'}}": (
                "AWS Backup owns the window of continuous backups"
            ),
        },
    ),
    ("protection.deletion_protection", ("true", "false"), {"0": "not true or false"}),
    (
        "protection.on_delete",
        ("snapshot",),
        {
            "delete": "'delete' is not one of snapshot, destroy.",
            "destroy": "both that it may vanish and that it may not",
        },
    ),
    ("protection.key_deletion_window", ("7d", "30d"), {"6d": "6d is outside 7d to 30d", "31d": "outside"}),
    (
        "protection.export",
        ("{}", "null", "{glacier_after: 60d}", "{every: 1d}", "{every: 3650d}"),
        {
            "{every: 23h}": "whole number of days",
            "{every: 3651d}": "outside 1d to 3650d",
            "{infrequent_access_after: 29d}": "29d is outside 30d to 3650d",
            "{glacier_after: 59d}": "S3 keeps an object 30 days in Infrequent Access",
            "{glacier_after: 30d}": "glacier_after 30d is not after infrequent_access_after 30d",
            "{deep_archive_after: 90d}": "deep_archive_after 90d is not after glacier_after 90d",
            "{expires_after: 365d}": "expires_after 365d is not after deep_archive_after 365d",
            "{keep_access_logs: 0d}": "0s is outside 1d",
        },
    ),
    (
        "monitoring.logs.export",
        ("[]", "[postgresql, upgrade]", "null"),
        {"[a, a]": "a stands there twice", "[1]": "not text"},
    ),
    (
        "monitoring.audit",
        ("null", "{}", "{events: [connect]}"),
        {
            "{events: []}": "Nothing is recorded",
            "{events: [CONNECT]}": "'CONNECT' is not one of connect, query",
            "{events: [connect, connect]}": "connect stands there twice",
        },
    ),
    ("monitoring.enhanced", ("60s", "1m", "0s"), {"60": "60 is not a duration"}),
    (
        "alerts.subscribers",
        ("[a@b.co]", "[a@b.co, https://x.y/z]"),
        {
            "[]": "Nobody is told",
            "[ops]": "neither an e-mail address nor an https URL",
            "[http://x.y]": "neither",
            "[a@b]": "neither",
            "[a@b.co, A@B.CO]": "stands there twice",
            "ops@example.com": "is not a list",
        },
    ),
    (
        "alerts.cpu",
        ("1%", "99.9%"),
        {
            "0%": "0% is never or always exceeded",
            "100%": "never or always",
            "101%": "not a share",
            "80": "80 is not a share",
        },
    ),
    (
        "alerts.cpu_for",
        ("1m", "1h"),
        {"59s": "59s is not a whole number of minutes", "0m": "outside 1m to 1h", "61m": "outside"},
    ),
    (
        "alerts.free_storage",
        ("10%", "10 GiB", "1 MiB"),
        {
            "0%": "never or always",
            "1 KiB": "outside 1 MiB to 64 TiB",
            "10": "10 is not a share or a size",
            "10 GB": "'GB' is not a unit",
        },
    ),
    ("alerts.free_memory", ("10%", "1 GiB"), {"100%": "never or always"}),
    (
        "alerts.connections",
        ("80%", "1", "262143"),
        {
            "0": "outside 1 to 262143",
            "262144": "outside",
            "true": "True is not a share or a number",
            "0%": "never",
            "many": "'many' is not a share",
        },
    ),
    ("alerts.composite", ("true", "false"), {"1": "not true or false"}),
    ("monitoring.dashboard", ("true", "false"), {"{}": "not true or false"}),
    ("alerts.replica_lag", ("1s", "1d"), {"0s": "outside 1s to 1d", "86401s": "outside"}),
    (
        "objectives.rpo",
        ("1s", "365d", "null"),
        {"0s": "outside 1s to 365d", "366d": "outside", "soon": "'soon' is not a duration"},
    ),
    ("objectives.rto", ("30m", "null"), {"0s": "outside"}),
    ("drill.every", ("1h", "365d", "null"), {"59m": "59m is outside 1h to 365d", "366d": "outside"}),
    ("drill.proof_lasts", ("1h", "730d", "null"), {"59m": "59m is outside 1h to 730d", "731d": "outside"}),
    ("drill.parallel", ("1", "32", "null"), {"0": "0 is outside 1 to 32", "33": "outside"}),
    ("drill.evidence.bucket", ("{}", "{lock: compliance, keep: 1d}", "null"), {"{lock: legal}": "governance"}),
    ("drill.evidence.bucket.lock", ("governance", "compliance"), {"legal": "governance"}),
    ("drill.evidence.bucket.keep", ("1d", "36500d"), {"0d": "outside 1d to 36500d", "36501d": "outside", "36h": "day"}),
    ("drill.evidence.signed_by", ("operator", "kms"), {"nobody": "operator", "null": "operator"}),
    (
        "drill",
        ("{every: 7d, proof_lasts: 7d}",),
        {"{every: 7d, proof_lasts: 167h}": "A proof that lasts 6d23h runs out before the next drill, 7d later"},
    ),
    (
        "drill.checks",
        (
            "[]",
            "[{name: a, sql: SELECT 1, rows: 0}]",
            "[{name: a, sql: SELECT 1, rows: 1000000, timeout: 1h, database: tap}]",
        ),
        {
            "[{name: a, sql: ' '}]": "It is empty",
            "[{name: a, sql: b, rows: -1}]": "outside 0 to 1000000",
            "[{name: a, sql: b, rows: 1000001}]": "outside",
            "[{name: '?', sql: b}]": "not a name here",
            "[{name: a, sql: b, timeout: 0s}]": "outside 1s to 1h",
            "[{name: a, sql: b, timeout: 3601s}]": "outside",
        },
    ),
    (
        "suppress",
        ("[]", "[{rule: DB004, reason: a test, until: 2026-12-31}]"),
        {
            "[{rule: four, reason: a}]": "not a name here",
            "[{rule: DB004, reason: ''}]": "It is empty",
            "[{rule: DB004, reason: a, until: 31.12.2026}]": "'31.12.2026' is not a day",
            "[{rule: DB004, reason: a, until: 2026-02-30}]": "day is out of range",
            "[{rule: DB004, reason: a, until: 20261231}]": "20261231 is not a day",
        },
    ),
    (
        "tags",
        ("{Team: shop}", "{}", "{" + ", ".join(f"t{n}: v" for n in range(46)) + "}"),
        {
            "{Project: x}": "Mainstay sets the tag Project itself",
            "{'aws:x': y}": "'aws:x' is not a tag's name",
            "{'a*': y}": "'a*' is not a tag's name",
            "{a: 'é*'}": "The tag a has a value that AWS refuses",
            "{" + ", ".join(f"t{n}: v" for n in range(47)) + "}": "47 tags are too many",
            "{a: 1}": "1 is not text",
        },
    ),
    ("cost_center", ('"1000"',), {"1000": "1000 is not text", "''": "at least 1 character"}),
]
RIGHT = [(key, value) for key, right, _ in BOUNDS for value in right]
WRONG = [(key, value, said) for key, _, wrong in BOUNDS for value, said in wrong.items()]


@pytest.mark.parametrize(("key", "value"), RIGHT)
def test_what_is_within_bounds_is_taken(loaded: Loaded, key: str, value: str) -> None:
    loaded({key: value})


@pytest.mark.parametrize(("key", "value", "said"), WRONG)
def test_what_is_out_of_bounds_says_why_and_what_to_do(refusals: Refusals, key: str, value: str, said: str) -> None:
    faults = refusals(overrides={key: value})
    assert [fault.detail for fault in faults if said in fault.detail] != []
    assert [fault for fault in faults if not fault.hint or not fault.subject or fault.origin is None] == []


def test_every_setting_of_the_reference_has_its_bounds_tested() -> None:
    tested = {key for key, _, _ in BOUNDS}
    free = {"project", "database", "credentials", "access", "protection", "monitoring", "alerts", "objectives", "drill"}
    free |= {"validation"}  # in test_spec_validation.py
    free |= {"disaster_recovery"}  # in test_spec_disaster_recovery.py: it needs a region and a backup plan beside it
    assert set(Spec.model_fields) - {key.split(".")[0] for key in tested} - free == set()


def test_a_name_that_leaves_no_room_for_replicas_is_refused(loaded: Loaded, refusals: Refusals) -> None:
    assert len(loaded({"name": "a" * 30, "environment": "b" * 9}).identifier) == 40
    (fault,) = refusals(overrides={"name": "a" * 30, "environment": "b" * 10})
    assert fault.subject == "name"
    assert "41 characters" in fault.detail


def test_only_a_dev_profile_can_be_destroyed(loaded: Loaded, refusals: Refusals) -> None:
    settings = {"protection.deletion_protection": "false", "protection.on_delete": "destroy"}
    assert loaded({**settings, "profile": "dev"}).protection.on_delete == "destroy"
    for profile in ("prod", "ransomware"):
        (fault,) = refusals(overrides={**settings, "profile": profile})
        assert (fault.id, fault.subject) == ("SP012", "protection.on_delete")
        assert f"profile {profile} refuses" in fault.detail


def test_a_collision_is_told_where_a_window_was_written(refusals: Refusals) -> None:
    (fault,) = refusals(overrides={"protection.backups.window": "04:00-05:00"})
    assert fault.subject == "protection.backups.window"
    (fault,) = refusals(overrides={"protection.maintenance": "sun:00:00-sun:01:00"})
    assert fault.subject == "protection.maintenance"


def test_quantities_come_out_in_units(loaded: Loaded) -> None:
    spec = loaded({"alerts.free_storage": "10 GiB", "alerts.connections": "80%"})
    assert spec.alerts.free_storage == Bytes.gib(10)
    assert spec.alerts.connections == Share.parse("80%")
    assert isinstance(spec.alerts.connections, Share)


def test_a_spec_cannot_be_changed(loaded: Loaded) -> None:
    spec = loaded({})
    with pytest.raises(ValueError, match="frozen"):
        spec.name = "other"


def test_addresses_of_an_existing_network_s_applications_have_to_be_named(loaded: Loaded, refusals: Refusals) -> None:
    network = {
        "vpc": "vpc-0a1b2c3d",
        "isolated": "[subnet-0a1b2c3d, subnet-0a1b2c3e]",
        "private": "[subnet-0a1b2c3f, subnet-0a1b2c30]",
    }
    settings = {f"network.existing.{key}": value for key, value in network.items()}
    (fault,) = refusals(overrides={**settings, "access.application": "both"})
    assert "application: both admits addresses, and the existing network names none." in fault.detail
    assert fault.subject == "access.application"
    named = {"network.existing.application": "[{id: subnet-0a1b2c31, cidr: 10.7.1.0/24}]"}
    assert loaded({**settings, **named, "access.application": "both"}).access.is_by_subnets
    assert not loaded({**settings, "access.application": "group"}).access.is_by_subnets


def test_a_key_of_another_region_restores_nothing_here(loaded: Loaded, refusals: Refusals) -> None:
    settings = {"database.snapshot": f"{{name: moving, key: '{A_KEY}'}}"}
    assert loaded({**settings, "region": "eu-central-1"}).database.snapshot is not None
    (fault,) = refusals(overrides={**settings, "region": "eu-west-1"})
    assert "The key is one of eu-central-1, and the database is restored in eu-west-1." in fault.detail
    assert fault.subject == "database.snapshot.key"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("database.replicas", "{count: 1}", "RDS makes no read replicas of a database whose password it manages."),
        ("database.snapshot", f"{{name: moving, key: '{A_KEY}'}}", "while it is restored from a snapshot"),
    ],
)
def test_what_rds_s_own_password_rules_out_is_refused(
    loaded: Loaded, refusals: Refusals, setting: str, value: str, said: str
) -> None:
    assert loaded({setting: value, "credentials.managed_by": "mainstay"}).credentials.is_rds_managed is False
    assert loaded({"database.replicas": "{count: 0}", "credentials.managed_by": "rds"}).credentials.is_rds_managed
    (fault,) = refusals(overrides={setting: value, "credentials.managed_by": "rds"})
    assert said in fault.detail
    assert fault.subject == "credentials.managed_by"
