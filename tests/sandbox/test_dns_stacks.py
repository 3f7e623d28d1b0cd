"""A zone and a record in a stack: made, changed, led elsewhere by others, and taken away."""

from __future__ import annotations

from typing import Any


def document(*, ttl: str = "60", owner: str = "me", networks: tuple[str, ...] = ("Net",)) -> dict[str, Any]:
    net = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    zone = {
        "Name": "shop.internal",
        "VPCs": [{"VPCId": {"Ref": key}, "VPCRegion": {"Ref": "AWS::Region"}} for key in networks],
        "HostedZoneConfig": {"Comment": owner},
        "HostedZoneTags": [{"Key": "Owner", "Value": owner}],
    }
    record = {
        "HostedZoneId": {"Ref": "Zone"}, "Name": "db.shop.internal", "Type": "CNAME", "TTL": ttl,
        "ResourceRecords": ["db.example.org"],
    }  # fmt: skip
    kinds = {"Zone": ("AWS::Route53::HostedZone", zone), "Name": ("AWS::Route53::RecordSet", record)}
    made = {key: {"Type": kind, "Properties": properties} for key, (kind, properties) in kinds.items()}
    outputs = {"Name": {"Value": {"Ref": "Name"}}, "Zone": {"Value": {"Ref": "Zone"}}}
    return {"Resources": {"Net": net, "Other": net, **made}, "Outputs": outputs}


def standing(dns: Any, zone: str) -> tuple[str, int]:
    record = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]
    return record["ResourceRecords"][0]["Value"], record["TTL"]


def lead_elsewhere(dns: Any, zone: str) -> None:
    record = {"Name": "db.shop.internal", "Type": "CNAME", "TTL": 9, "ResourceRecords": [{"Value": "elsewhere"}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def test_a_name_is_made_changed_and_taken_away(site: Any) -> None:
    dns = site.client("route53")
    assert site.deploy("s", document(), "CREATE") == "CREATE_COMPLETE"
    (stack,) = site.client("cloudformation").describe_stacks(StackName="s")["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    zone = outputs["Zone"]
    assert (outputs["Name"], standing(dns, zone)) == ("db.shop.internal", ("db.example.org", 60))
    lead_elsewhere(dns, zone)
    assert site.deploy("s", document(ttl="30", owner="you", networks=("Other", "Net")), "UPDATE") == "UPDATE_COMPLETE"
    assert standing(dns, zone) == ("db.example.org", 30)  # a change of the record leads it back
    assert len(dns.get_hosted_zone(Id=zone)["VPCs"]) == 2
    assert site.deploy("s", document(ttl="30", networks=("Other",)), "UPDATE") == "UPDATE_COMPLETE"
    found = dns.get_hosted_zone(Id=zone)
    assert (len(found["VPCs"]), found["HostedZone"]["Config"]["Comment"]) == (1, "me")
    tags = dns.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"]
    assert [tag["Value"] for tag in tags if tag["Key"] == "Owner"] == ["me"]
    lead_elsewhere(dns, zone)
    site.client("cloudformation").delete_stack(StackName="s")
    assert site.run(stack["StackId"]) == "DELETE_COMPLETE"
    assert dns.list_hosted_zones()["HostedZones"] == []


def test_a_name_that_is_taken_fails_the_stack(site: Any) -> None:
    dns, kept = site.client("route53"), document()
    zone = dns.create_hosted_zone(Name="shop.internal", CallerReference="one")["HostedZone"]["Id"]
    lead_elsewhere(dns, zone)
    del kept["Resources"]["Zone"], kept["Outputs"]["Zone"]
    kept["Resources"]["Name"]["Properties"]["HostedZoneId"] = zone.rpartition("/")[2]
    assert site.deploy("s", kept, "CREATE") == "ROLLBACK_COMPLETE"
    assert standing(dns, zone) == ("elsewhere", 9)
