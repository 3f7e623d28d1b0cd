"""A password that RDS manages, in the sandbox: made with the database, found by every command, gone with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where, open_site, secret_of_primary
from mainstay.api._source import load
from mainstay.core.errors import TargetRefused
from mainstay.ops.deployment import Deployed
from mainstay.ops.login import Address, connected
from mainstay.ops.site import Site

SPEC = """\
name: shop
environment: dev
profile: dev
region: eu-central-1
database: {{version: "17", class: db.t4g.medium, name: shop, multi_az: false}}
storage: {{size: 20 GiB}}
network: {{nat: none}}
credentials: {{managed_by: {owner}}}
protection: {{deletion_protection: false, on_delete: destroy}}
alerts: {{subscribers: [ops@example.com]}}
"""


class Shop:
    """A sandbox with one database; each deployment may change whose its password is."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "database.yaml"
        self.where = Where(is_sandbox=True, workspace=directory / "work")
        self.site: Site = open_site(self.where, "eu-central-1", begin=True)

    def deploy(self, owner: str) -> Deployed:
        self.path.write_text(SPEC.format(owner=owner), encoding="utf-8")
        return api.deploy(self.path, where=self.where, approve=lambda _: True).primary

    def secrets(self, **params: Any) -> dict[str, Any]:
        client = sandbox.session(self.where.sandbox_directory, "eu-central-1").client("secretsmanager")
        answer: dict[str, Any] = client.describe_secret(**params)
        return answer

    def lets_in(self, secret: str) -> bool:
        state = self.site.doors.rds.instance("shop-dev")
        address = Address(state.address or "", state.port or 0)
        login = self.site.doors.secrets.read_login(secret)
        with connected(login, address, self.site.ca_bundle, database="shop") as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("managed"))
    try:
        yield made
    finally:
        sandbox.down(made.where.sandbox_directory)


def test_rds_owns_the_secret_from_the_beginning_to_the_end(shop: Shop) -> None:
    first = shop.deploy("rds").outputs["DatabaseSecret"]
    told = shop.secrets(SecretId=first)
    assert told["Name"].startswith("rds!db-")
    assert (told["OwningService"], told["RotationEnabled"]) == ("rds", True)
    assert told["RotationRules"] == {"AutomaticallyAfterDays": 7}
    key = shop.site.doors.rds.instance("shop-dev").key_id
    assert told["KmsKeyId"] == key
    plan = load(shop.path).plan
    assert secret_of_primary(shop.site, plan, "shop-dev") == first
    assert shop.lets_in(first)
    assert api.verify(shop.path, where=shop.where).exit_code == 0
    with pytest.raises(TargetRefused, match=r"(?s)managed by rds"):
        shop.site.doors.secrets.delete(first)
    with pytest.raises(TargetRefused, match=r"(?s)managed by rds"):
        shop.site.doors.secrets.replace_login(first, shop.site.doors.secrets.read_login(first))


def test_a_drill_reads_the_secret_that_rds_made(shop: Shop) -> None:
    shop.deploy("rds")
    assert api.drill(shop.path, where=shop.where).result.verdict.word == "PROVEN"


def test_the_owner_may_change_both_ways(shop: Shop) -> None:
    before = shop.deploy("rds").outputs["DatabaseSecret"]
    own = shop.deploy("mainstay").outputs["DatabaseSecret"]
    assert own != before
    assert shop.lets_in(own)
    with pytest.raises(Exception, match="ResourceNotFound"):
        shop.secrets(SecretId=before)
    back = shop.deploy("rds").outputs["DatabaseSecret"]
    assert back not in (before, own)
    assert shop.lets_in(back)


def test_the_secret_goes_with_the_database(shop: Shop) -> None:
    secret = shop.deploy("rds").outputs["DatabaseSecret"]
    api.destroy(shop.path, where=shop.where, confirm="shop-dev")
    with pytest.raises(Exception, match="ResourceNotFound"):
        shop.secrets(SecretId=secret)
