"""The functions as they will run in Lambda: packed, unpacked in a process of its own, against a real instance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mainstay.functions.packaging import Package, package
from mainstay.sandbox.lambda_launch import Invocation, invoke

REGION = "eu-central-1"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture(scope="module")
def rotation() -> Package:
    return package("rotation", "arm64")


def step(rotation: Package, box: Path, secret: str, token: str, name: str) -> Invocation:
    event = {"SecretId": secret, "ClientRequestToken": token, "Step": name}
    return invoke(rotation, event, sandbox=box, region=REGION, timeout_s=30, memory_mib=256)


def test_a_password_is_really_rotated_twice_and_by_processes_that_die_between_steps(
    rotation: Package, box: Path, postgres: Any, aws: Any, document: Any
) -> None:
    postgres.new_user("packed", "first-password-1")
    secret = aws.put(document(postgres, "packed", "first-password-1"))
    known = ["first-password-1"]
    for calls in (STEPS, (*STEPS[:2], *STEPS)):
        token = aws.begin(secret)
        for name in calls:
            done = step(rotation, box, secret, token, name)
            assert done.error is None, done.log
            assert secret in done.log
        known.append(aws.value(secret)["password"])
        assert postgres.admits("packed", known[-1])
        assert not postgres.admits("packed", known[-2])
    assert len(set(known)) == 3


def test_an_error_of_ours_reaches_the_caller_with_its_hint(rotation: Package, box: Path, aws: Any) -> None:
    secret = aws.put({"username": "app", "password": "sesame-open-1"})
    done = step(rotation, box, secret, aws.begin(secret), "createSecret")
    assert done.error is not None
    assert done.error["errorType"] == "InputRefused"
    assert "SecretTargetAttachment" in done.error["errorMessage"]
    assert "sesame" not in done.log + str(done.error)


def test_a_validation_finds_what_its_packed_manifest_expects_to_be_otherwise(
    box: Path, postgres: Any, aws: Any, document: Any
) -> None:
    environment = {"MAINSTAY_SECRET": aws.put(document(postgres, "master", "correct-horse-battery"))}
    for manifest, is_right in ((b'{"version": "17", "character_set": "utf8"}', True), (b'{"version": "16"}', False)):
        packed = package("validation", "x86_64", {"manifest.json": manifest})
        done = invoke(packed, {}, sandbox=box, region=REGION, environment=environment, timeout_s=30, memory_mib=256)
        assert (done.error is None) == is_right, done.log
        assert f'"ValidationSucceeded": {int(is_right)}' in done.log
