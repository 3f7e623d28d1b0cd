"""`mainstay prices`: a region's price list becomes a file, or nothing does. AWS is answered at botocore's events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from mainstay import api, cli, facts
from mainstay.api import _prices

REGION = "eu-central-1"
# usage type: unit, price
LIST = {
    "EUC1-InstanceUsage:db.m7g.large": ("Hrs", "0.2020000000"),
    "EUC1-RDS:GP3-Storage": ("GB-Mo", "0.1370000000"),
    "EUC1-NatGateway-Hours": ("Hrs", "0.0520000000"),
}


def sold(usage: str, filters: dict[str, str]) -> str:
    unit, price = LIST[usage]
    attributes = {"usagetype": usage, "locationType": "AWS Region", "regionCode": REGION, "fromRegionCode": REGION}
    rate = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": price}}
    terms = {"OnDemand": {"term": {"priceDimensions": {"rate": rate}}}}
    product = {"sku": usage, "attributes": {**attributes, **filters}}
    return json.dumps({"product": product, "terms": terms, "publicationDate": "2026-11-18T00:10:00Z"})


class Account:
    """A session whose calls to the price list end in this process; it remembers what was asked, and from where."""

    def __init__(self) -> None:
        self.calls = 0
        self.endpoints: set[str] = set()
        self.session: Any = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="none", region_name=REGION)
        self.session.events.register("before-call.pricing.GetProducts", self.answer)

    def answer(self, params: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:
        self.calls += 1
        self.endpoints.add(params["url"])
        asked = json.loads(params["body"])
        wanted = {one["Field"]: one["Value"] for one in asked["Filters"] if one["Type"] == "TERM_MATCH"}
        (part,) = [one["Value"] for one in asked["Filters"] if one["Type"] == "CONTAINS"]
        found = [sold(usage, wanted) for usage in LIST if part in usage and _of(asked["ServiceCode"], usage)]
        return AWSResponse(params["url"], 200, {}, None), {"PriceList": found}


def _of(service: str, usage: str) -> bool:
    return service == ("AmazonEC2" if "Nat" in usage else "AmazonRDS")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account()
    monkeypatch.setattr(_prices, "open_session", lambda *_: account.session)
    return account


def told(capsys: pytest.CaptureFixture[str], out: Path, *arguments: str, region: str = REGION) -> tuple[int, str, str]:
    code = cli.run(["prices", "--region", region, "--out", str(out), *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_price_file_is_written_and_used(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "prices.json"
    code, text, _ = told(capsys, out)
    assert (code, "export MAINSTAY_PRICES=" in text, "unknown backup_gb_month" in text) == (0, True, True)
    assert account.endpoints == {"https://api.pricing.eu-central-1.amazonaws.com/"}
    monkeypatch.setenv("MAINSTAY_PRICES", str(out))
    data = facts.load("prices").data
    assert data["instance_hour"] == {engine: {"db.m7g.large": 0.202} for engine in ("mariadb", "mysql", "postgres")}
    assert (data["storage_gb_month"], data["nat_hour"], data["region"]) == ({"gp3": 0.137}, 0.052, REGION)
    assert "backup_gb_month" not in data
    blueprint = Path(__file__).parents[2] / "blueprints" / "postgres-ecommerce.yaml"
    assert cli.run(["plan", str(blueprint), "--env", "prod", "--region", REGION, "--json"]) == 0
    cost = json.loads(capsys.readouterr().out)["cost"]
    assert cost["priced_as"] == REGION
    assert cost["source"].startswith("AWS Price List, eu-central-1")
    assert cost["unknown"]


def test_a_price_file_is_written_anew_and_the_json_tells_what_is_unknown(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "prices.json"
    assert told(capsys, out)[0] == 0
    first = out.read_text(encoding="utf-8")
    code, text, _ = told(capsys, out, "--json")
    answer = json.loads(text)
    assert (code, answer["region"], answer["count"]) == (0, REGION, 5)
    assert answer["unknown"]["backup_gb_month"] == "is not on the list"
    assert out.read_text(encoding="utf-8") == first
    assert list(tmp_path.iterdir()) == [out]


def test_without_credentials_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, _, err = told(capsys, tmp_path / "prices.json")
    assert (code, "no AWS credentials" in err, "pricing:GetProducts" in err) == (6, True, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("region", "why"), [("eu-centrl-1", "write eu-central-1"), ("moon-1", "facts regions"), ("cn-north-1", "of aws-cn")]
)
def test_a_region_without_prices_in_usd_is_refused(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str], region: str, why: str
) -> None:
    code, _, err = told(capsys, tmp_path / "prices.json", region=region)
    assert (code, why in err, account.calls) == (2, True, 0)


@pytest.mark.parametrize("text", ["my notes", '{"Resources": {}}'])
def test_no_other_file_is_overwritten(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    out = tmp_path / "notes.json"
    out.write_text(text, encoding="utf-8")
    code, _, err = told(capsys, out)
    assert (code, "is no price file" in err, account.calls) == (2, True, 0)
    assert out.read_text(encoding="utf-8") == text


def test_a_place_that_cannot_be_written_is_named(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = told(capsys, tmp_path / "nowhere" / "prices.json")
    assert (code, "nowhere" in err) == (6, True)


def test_the_library_takes_another_door(tmp_path: Path) -> None:
    class Empty:
        def products(self, *_: object) -> list[Any]:
            return []

    with pytest.raises(Exception, match="no prices of instances"):
        api.prices("us-east-1", tmp_path / "x.json", price_list=Empty())
    assert list(tmp_path.iterdir()) == []
