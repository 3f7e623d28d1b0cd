from __future__ import annotations

from typing import Any

import pytest

REGION = "eu-central-1"


@pytest.fixture
def dns(site: Any) -> Any:
    return site.client("route53")


@pytest.fixture
def network(site: Any) -> dict[str, str]:
    vpc = site.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return {"VPCRegion": REGION, "VPCId": vpc}


@pytest.fixture
def zone(dns: Any, network: Any) -> str:
    made = dns.create_hosted_zone(Name="Shop.internal", CallerReference="one", VPC=network)
    return str(made["HostedZone"]["Id"])


def cname(name: str = "db.shop.internal", value: str = "127.0.0.9", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": value}], **more}


def change(dns: Any, zone: str, *changes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    done: dict[str, Any] = dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]
    return done


def names(dns: Any, zone: str, **where: Any) -> list[tuple[str, str]]:
    found = dns.list_resource_record_sets(HostedZoneId=zone, **where)["ResourceRecordSets"]
    return [(one["Name"], one["Type"]) for one in found]


def test_a_zone_of_a_network_is_private_and_comes_with_its_servers(dns: Any, zone: str, network: Any) -> None:
    found = dns.get_hosted_zone(Id=zone)
    shown = found["HostedZone"]
    assert (shown["Name"], shown["Config"]["PrivateZone"], shown["ResourceRecordSetCount"]) == (
        "shop.internal.",
        True,
        2,
    )
    assert (found["VPCs"], "DelegationSet" in found) == ([network], False)
    assert names(dns, zone) == [("shop.internal.", "NS"), ("shop.internal.", "SOA")]
    public = dns.create_hosted_zone(Name="example.org", CallerReference="two", HostedZoneConfig={"Comment": "c"})
    assert len(dns.get_hosted_zone(Id=public["HostedZone"]["Id"])["DelegationSet"]["NameServers"]) == 4
    pages = dns.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 1})
    assert [one["Name"] for page in pages for one in page["HostedZones"]] == ["shop.internal.", "example.org."]


def test_what_is_no_zone_is_refused(dns: Any, zone: str, network: Any, refuses: Any) -> None:
    with refuses("HostedZoneAlreadyExists"):
        dns.create_hosted_zone(Name="other.internal", CallerReference="one")
    with refuses("ConflictingDomainExists", "shop.internal."):
        dns.create_hosted_zone(Name="shop.internal.", CallerReference="two", VPC=network)
    with refuses("InvalidVPCId"):
        dns.create_hosted_zone(Name="a.internal", CallerReference="two", VPC={**network, "VPCId": "vpc-0"})
    with refuses("InvalidInput", "must specify a VPC"):
        dns.create_hosted_zone(Name="a.internal", CallerReference="two", HostedZoneConfig={"PrivateZone": True})
    for name in ("a b.internal", "x" * 64 + ".internal", ".".join(["a" * 60] * 5)):
        with refuses("InvalidDomainName"):
            dns.create_hosted_zone(Name=name, CallerReference="two")
    with refuses("InvalidDomainName", "reserved by AWS"):
        dns.create_hosted_zone(Name="rds.amazonaws.com", CallerReference="two")
    with pytest.raises(dns.exceptions.NoSuchHostedZone):
        dns.get_hosted_zone(Id="Z0")


def test_networks_come_and_go_and_one_stays(site: Any, dns: Any, zone: str, network: Any, refuses: Any) -> None:
    other = {"VPCRegion": REGION, "VPCId": site.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]}
    with refuses("LastVPCAssociation"):
        dns.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=network)
    with refuses("VPCAssociationNotFound"):
        dns.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=other)
    dns.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=other)
    dns.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=network)
    assert dns.get_hosted_zone(Id=zone)["VPCs"] == [other]
    public = dns.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    with refuses("PublicZoneVPCAssociation"):
        dns.associate_vpc_with_hosted_zone(HostedZoneId=public, VPC=network)
    dns.update_hosted_zone_comment(Id=zone, Comment="said")
    assert dns.get_hosted_zone(Id=zone)["HostedZone"]["Config"]["Comment"] == "said"


def test_tags(dns: Any, zone: str, refuses: Any) -> None:
    which = {"ResourceType": "hostedzone", "ResourceId": zone.rpartition("/")[2]}
    dns.change_tags_for_resource(**which, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    dns.change_tags_for_resource(**which, RemoveTagKeys=["a"])
    assert dns.list_tags_for_resource(**which)["ResourceTagSet"]["Tags"] == [{"Key": "b", "Value": "2"}]
    with refuses("InvalidInput", "no healthcheck"):
        dns.list_tags_for_resource(ResourceType="healthcheck", ResourceId="h")


def test_a_change_is_pending_and_then_in_sync(dns: Any, zone: str) -> None:
    done = change(dns, zone, ("CREATE", cname()))
    assert done["Status"] == "PENDING"
    assert [dns.get_change(Id=done["Id"])["ChangeInfo"]["Status"] for _ in range(3)] == ["PENDING", "INSYNC", "INSYNC"]
    dns.get_waiter("resource_record_sets_changed").wait(Id=change(dns, zone, ("UPSERT", cname(value="b")))["Id"],
                                                        WaiterConfig={"Delay": 0})  # fmt: skip
    with pytest.raises(dns.exceptions.NoSuchChange):
        dns.get_change(Id="C0")


def test_what_is_there_is_not_created_again_and_only_that_is_deleted(dns: Any, zone: str, refuses: Any) -> None:
    change(dns, zone, ("CREATE", cname("DB.shop.internal.")))
    with refuses("InvalidChangeBatch", r"Tried to create .*db.shop.internal.', type='CNAME'\] but it already exists"):
        change(dns, zone, ("CREATE", cname()))
    with refuses("InvalidChangeBatch", "do not match the current values"):
        change(dns, zone, ("DELETE", cname(TTL=61)))
    with refuses("InvalidChangeBatch", "it was not found"):
        change(dns, zone, ("DELETE", cname("other.shop.internal")))
    with refuses("HostedZoneNotEmpty"):
        dns.delete_hosted_zone(Id=zone)
    change(dns, zone, ("DELETE", cname()))
    dns.delete_hosted_zone(Id=zone)
    assert dns.list_hosted_zones()["HostedZones"] == []


def test_a_batch_is_done_whole_or_not_at_all(dns: Any, zone: str, refuses: Any) -> None:
    with refuses("InvalidChangeBatch"):
        change(dns, zone, ("CREATE", cname()), ("CREATE", cname()))
    assert len(names(dns, zone)) == 2


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (cname("shop.internal"), "not permitted at apex in zone shop.internal."),
        (cname("db.other.internal"), "db.other.internal. is not permitted in zone shop.internal."),
        (cname("myshop.internal"), "not permitted in zone"),
        (cname(ResourceRecords=[{"Value": "a"}, {"Value": "b"}]), "leads to one name"),
        (cname("text.shop.internal"), "conflicts with other records with the same DNS name"),
        (cname("taken.shop.internal", Type="TXT"), "a conflicting RRSet of type CNAME"),
    ],
)
def test_what_may_stand_where(dns: Any, zone: str, refuses: Any, record: Any, said: str) -> None:
    text = cname("text.shop.internal", '"x"', Type="TXT")
    change(dns, zone, ("CREATE", text), ("CREATE", cname("taken.shop.internal")))
    with refuses("InvalidChangeBatch", said):
        change(dns, zone, ("UPSERT", record))


def test_the_zone_s_own_records_stay(dns: Any, zone: str, refuses: Any) -> None:
    (servers, _) = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    with refuses("InvalidChangeBatch", "must contain at least one NS record"):
        change(dns, zone, ("DELETE", servers))


def test_half_a_record_and_what_is_routed_are_refused(dns: Any, zone: str, refuses: Any) -> None:
    with refuses("InvalidInput", "but found none in Change"):
        change(dns, zone, ("CREATE", {"Name": "db.shop.internal", "Type": "CNAME", "TTL": 60}))
    with refuses("SandboxNotImplemented", "SetIdentifier, Weight"):
        change(dns, zone, ("CREATE", cname(SetIdentifier="a", Weight=1)))


def test_records_are_listed_by_their_labels_from_the_right(dns: Any, zone: str, refuses: Any) -> None:
    for name in ("b.shop.internal", "a.b.shop.internal", "a.shop.internal"):
        change(dns, zone, ("CREATE", cname(name)))
    listed = ["a.shop.internal.", "b.shop.internal.", "a.b.shop.internal."]
    assert [name for name, _ in names(dns, zone)[2:]] == listed
    assert names(dns, zone, StartRecordName="b.shop.internal", MaxItems="1") == [("b.shop.internal.", "CNAME")]
    pages = dns.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2})
    assert [len(page["ResourceRecordSets"]) for page in pages] == [2, 2, 1]
    with refuses("InvalidInput", "no name"):
        dns.list_resource_record_sets(HostedZoneId=zone, StartRecordType="CNAME")


def test_names_are_of_the_account_and_of_no_region(site: Any, zone: str) -> None:
    assert len(site.client("route53", "us-east-1").list_hosted_zones()["HostedZones"]) == 1
