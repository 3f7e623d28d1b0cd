"""Questions about names in DNS, and the one change that is made to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mainstay.ops.aws.door import Door

_ALIAS: Final = "CNAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameState:
    """A CNAME as Route 53 has it: `leads_to` is the host, without a dot at its end; resolvers keep it `ttl_s`."""

    zone: str
    name: str
    leads_to: str
    ttl_s: int


class Route53Door(Door):
    """Questions to Route 53, which is in no region."""

    def find(self, zone: str, name: str) -> NameState | None:
        """A CNAME of a zone, or None where the name has none. NotFound without the zone."""
        found = self._ask(
            "ListResourceRecordSets", HostedZoneId=zone, StartRecordName=name, StartRecordType=_ALIAS, MaxItems="1"
        )["ResourceRecordSets"]
        for record in found:
            if (_bare(record["Name"]), record["Type"]) == (_bare(name), _ALIAS) and record.get("ResourceRecords"):
                host = _bare(record["ResourceRecords"][0]["Value"])
                return NameState(zone=zone, name=_bare(name), leads_to=host, ttl_s=record["TTL"])
        return None

    def lead(self, zone: str, name: str, host: str, *, ttl_s: int, why: str) -> str:
        """Have a name lead to a host from now on, whatever it led to; the change's id, which `is_in_sync` takes."""
        record = {"Name": name, "Type": _ALIAS, "TTL": ttl_s, "ResourceRecords": [{"Value": host}]}
        batch = {"Comment": why, "Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        answer = self._ask("ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch=batch)
        return str(answer["ChangeInfo"]["Id"])

    def is_in_sync(self, change: str) -> bool:
        """Whether every server of Route 53 knows of a change."""
        return bool(self._ask("GetChange", Id=change)["ChangeInfo"]["Status"] == "INSYNC")


def _bare(name: str) -> str:
    """A domain name as two of them are compared: small letters, no dot at its end."""
    return name.lower().removesuffix(".")
