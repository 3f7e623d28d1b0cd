"""Least privilege: what the roles of every design may do, where, and that who reads a secret can decrypt it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mainstay import facts
from mainstay.plan.grants import DECRYPT, Grant, decrypts, encrypted_with, grants, readers
from mainstay.plan.passes import build
from mainstay.plan.plan import RegionPlan
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import Bucket, BucketEncryption, DbInstance, Key, Role, Secret
from mainstay.plan.values import Attr, Join, Part, Pseudo, Ref, join
from mainstay.spec import load

ROOT = Path(__file__).parents[2]
UNSCOPED = facts.load("unscoped_actions").data
# ARNs of what the plan does not make, each with the reason why it cannot be named.
NAMED_LATER = {
    r"arn:partition:rds:(region|[a-z0-9-]+):account:snapshot:awsbackup:\*": "AWS Backup names them after its jobs",
    r"arn:partition:rds:region:account:snapshot:rds:[a-z-]+-\*": "RDS names its snapshots after instance and time",
    r"arn:partition:backup:[a-z0-9-]+:account:backup-vault:[\w-]+": "the plan's own vault, in its other region",
    r"Param\(name='RecoveryVaultKeyArn'\)": "the key of that vault, which the deployment fills in",
    r"arn:partition:rds:region:account:auto-backup:\*": "RDS names automated backups by an id of its own",
    r"arn:partition:rds:region:account:db:awsbackup-restore-test-\*": "AWS Backup names what it restores for a test",
    r"arn:partition:ec2:region:account:network-interface/\*": "EC2 names interfaces when Lambda makes them",
    r"arn:partition:logs:region:account:log-group:\*": "DescribeLogGroups is asked of all groups at once",
    r"arn:partition:secretsmanager:region:account:secret:mainstay/[\w-]+-validation/\*": "drills name them",
    r"arn:aws:backup:[a-z0-9-]+:\d{12}:backup-vault:[\w-]+": "a vault that the user named, in another region",
}
EVERYTHING = """\
name: shop
region: eu-central-1
database: {version: "17", class: db.m7g.large, name: tap}
storage: {size: 100 GiB}
credentials: {iam_authentication: true, rotation: {every: 30d}}
network: {flow_logs: {}}
access: {proxy: {}, application_role: {}, bastion: {}}
protection:
  backup_plan:
    daily: {keep: 35d}
    continuous: true
    restore_test: {}
    copies: [{vault: "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies", keep: 30d}]
  export: {}
validation: {}
alerts: {subscribers: [ops@example.com]}
"""


def text(value: object) -> str:
    match value:
        case Join(parts):
            return "".join(map(text, parts))
        case Attr(key, name):
            return f"<{key}.{name}>"
        case Part(of, _, _):
            return text(of)
        case Pseudo(name):
            return name
    return str(value)


@pytest.fixture(scope="module")
def regions() -> dict[str, RegionPlan]:
    """Every region of every blueprint in every environment, and of the one that has everything switched on."""
    made = {}
    for path in sorted((ROOT / "blueprints").glob("*.yaml")):
        for environment in ("dev", "prod"):
            for region in build(load(path, environment=environment)).regions:
                made[f"{path.stem} {environment} {region.region}"] = region
    return {**made, "everything": build(load(EVERYTHING)).primary}


def test_only_what_cannot_be_narrowed_is_allowed_on_everything(regions: dict[str, RegionPlan]) -> None:
    wide = {(name, one.role, one.action) for name, one in all_of(regions) if one.is_on_everything}
    assert {entry for entry in wide if entry[2] not in UNSCOPED} == set()
    assert {action for _, _, action in wide} == set(UNSCOPED)


def test_every_resource_is_named_by_the_plan_or_cannot_be(regions: dict[str, RegionPlan]) -> None:
    unnamed = {text(one.resource) for _, one in all_of(regions) if not one.targets and not one.is_on_everything}
    assert [one for one in unnamed if not any(re.fullmatch(pattern, one) for pattern in NAMED_LATER)] == []
    idle = [pattern for pattern in NAMED_LATER if not any(re.fullmatch(pattern, one) for one in unnamed)]
    assert idle == [], "patterns that nothing needs any more"


def test_no_action_is_a_whole_service(regions: dict[str, RegionPlan]) -> None:
    starred = {one.action for _, one in all_of(regions) if "*" in one.action}
    assert starred <= {"s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"}  # as RDS documents it for exports


def test_who_reads_a_secret_can_decrypt_it_and_through_secrets_manager_only(regions: dict[str, RegionPlan]) -> None:
    count = 0
    for name, region in regions.items():
        for secret in region.of(Secret):
            assert isinstance(secret.key_id, Ref)
            for role in readers(region, secret):
                count += 1
                assert secret.key_id.key in decrypts(region, role), f"{name}: {role} reads {secret.key} in vain"
    assert count > 3
    narrowed = {
        (name, one.role)
        for name, one in all_of(regions)
        if one.action == DECRYPT and {each.key for each in one.conditions} == {"kms:ViaService"}
    }
    reading = {
        (name, role) for name, region in regions.items() for one in region.of(Secret) for role in readers(region, one)
    }
    assert reading == narrowed


def test_who_decrypts_may_use_something_that_is_encrypted(regions: dict[str, RegionPlan]) -> None:
    idle = [
        (name, role.key, key)
        for name, region in regions.items()
        for role in region.of(Role)
        for key in decrypts(region, role.key)
        # What an AWS managed policy allows beside is not opened here.
        if not role.managed_policies and not used_by(region, role) & encrypted_with(region, key)
    ]
    assert idle == []


def used_by(region: RegionPlan, role: Role) -> set[str]:
    return {key for one in grants(region) if one.role == role.key for key in one.targets}


def test_roles_are_assumed_by_one_service_or_nobody(regions: dict[str, RegionPlan]) -> None:
    for region in regions.values():
        for role in region.of(Role):
            (trusted,) = role.trust.statements
            assert [who.kind for who in trusted.principals] == ["Service"], role.key


def all_of(regions: dict[str, RegionPlan]) -> list[tuple[str, Grant]]:
    return [(name, one) for name, region in regions.items() for one in grants(region)]


def role(*statements: Statement) -> Role:
    return Role(key="R", trust=Policy(()), policies=(InlinePolicy("p", Policy(statements)),))


def test_a_grant_is_an_action_on_a_resource() -> None:
    inside = join("arn:x:", Attr("Database", "arn"), "/", Part(Attr("Proxy", "arn"), ":", 6))
    reader = role(
        Statement(actions=("a:B", "a:C"), resources=("*", inside)),
        Statement(effect="Deny", actions=("a:D",), resources=("*",)),
    )
    found = grants(RegionPlan(region="r", resources=(reader,)))
    assert [(one.action, one.is_on_everything, one.targets) for one in found] == [
        ("a:B", True, ()),
        ("a:B", False, ("Database", "Proxy")),
        ("a:C", True, ()),
        ("a:C", False, ("Database", "Proxy")),
    ]


def test_who_is_asked_by_secret_and_by_key() -> None:
    secret = Secret(key="S", key_id=Ref("K"))
    key = Key(key="K", policy=Policy(()))
    bucket = Bucket(key="B", encryption=BucketEncryption(algorithm="aws:kms", key_id=Ref("K")))
    plain = DbInstance(key="D", performance_insights_key=Ref("K"))
    reader = role(
        Statement(actions=("secretsmanager:GetSecretValue",), resources=(Attr("S", "id"),)),
        Statement(actions=("kms:Decrypt",), resources=(Attr("K", "arn"), Ref("Other"))),  # type: ignore[arg-type]  # a bare reference
    )
    region = RegionPlan(region="r", resources=(secret, key, bucket, plain, reader))
    assert readers(region, secret) == {"R"}
    assert readers(region, Secret(key="T")) == frozenset()
    assert decrypts(region, "R") == {"K", "Other"}
    assert decrypts(region, "Nobody") == frozenset()
    assert encrypted_with(region, "K") == {"S", "B", "D"}
