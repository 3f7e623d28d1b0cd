"""What evidence says of a design: what `mainstay check` says of it, suppressions and order included."""

from __future__ import annotations

from pathlib import Path

from mainstay import api
from mainstay.api._proving import design_of
from mainstay.api._source import load_spec

SPEC = """
name: till
profile: dev
region: us-east-1
database: {engine: postgres, version: "17", class: db.t4g.medium, name: tap}
storage: {size: 20 GiB}
credentials: {username: shop_owner}
network: {nat: none}
alerts: {subscribers: [ops@example.com]}
objectives: {rto: 1m, rpo: 1m}
suppress:
- {rule: FC001, reason: nobody counts minutes in a test}
"""


def test_a_design_has_the_findings_that_the_check_has(tmp_path: Path) -> None:
    spec = tmp_path / "database.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    found = design_of(load_spec(spec))["findings"]
    assert found == [finding.as_json() for finding in api.check(spec).findings]
    (suppressed,) = [finding for finding in found if finding["id"] == "FC001"]
    assert suppressed["suppressed"] == "nobody counts minutes in a test"
