"""Evidence in a bucket with object lock: what is missing goes there, what is there tells on a chain that was cut."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.ops.evidence.conftest import content

from mainstay.core.errors import TargetRefused
from mainstay.ops import evidence
from mainstay.ops.aws.doors import Doors
from mainstay.ops.evidence.keeping import keep, remembered
from mainstay.sandbox import session

BUCKET = "kept"
LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}}


@pytest.fixture
def site(tmp_path: Path) -> Any:
    made = session(tmp_path / "sandbox", "us-east-1")
    s3 = made.client("s3")
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=LOCK)
    return made


def kept(site: Any, chain: Path) -> tuple[str, ...]:
    return keep(Doors(site).s3, BUCKET, chain.parent, label="sandbox", stacks={"shop-dev"})


def test_what_the_bucket_lacks_goes_there_once(site: Any, chain: Path) -> None:
    assert kept(site, chain) == ("run-1", "run-2", "run-3")
    assert kept(site, chain) == ()
    evidence.store(chain.parent, content("run-4"))
    assert kept(site, chain) == ("run-4",)
    body = site.client("s3").get_object(Bucket=BUCKET, Key="evidence/run-4/evidence.json")["Body"].read()
    assert body == (chain / "run-4" / "evidence.json").read_bytes()


def test_a_document_that_is_there_is_never_replaced(site: Any, chain: Path) -> None:
    door = Doors(site).s3
    kept(site, chain)
    with pytest.raises(TargetRefused):
        door.put_once(BUCKET, "evidence/run-1/evidence.json", b"another")


def test_others_and_altered_ones_stay_out(site: Any, chain: Path) -> None:
    evidence.store(chain.parent, content("run-4", label="aws"))
    evidence.store(chain.parent, content("run-5", source={**content()["source"], "stack": "other"}))
    path = chain / "run-2" / "evidence.json"
    path.write_text(path.read_text().replace("shop-drill", "shop-drall"))
    assert kept(site, chain) == ("run-1", "run-3")


def test_a_bucket_tells_on_a_chain_whose_end_was_cut_off(site: Any, chain: Path) -> None:
    kept(site, chain)
    anchors = remembered(Doors(site).s3, BUCKET)
    assert sorted(anchors) == ["run-1", "run-2", "run-3"]
    assert evidence.replay(chain, anchors=anchors).problems == []
    shutil.rmtree(chain / "run-3")
    lines = (chain / "chain.jsonl").read_text().splitlines(keepends=True)
    (chain / "chain.jsonl").write_text("".join(lines[:2]))
    assert [(one.kind, one.run) for one in evidence.replay(chain, anchors=anchors).problems] == [("cut off", "run-3")]
