from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.credentials import AssumeRoleCredentialFetcher
from botocore.exceptions import ClientError

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.ops.aws.doors import IMPATIENT, Doors
from mainstay.ops.aws.errors import is_logged_out
from mainstay.ops.aws.retry import ONCE
from mainstay.ops.aws.session import open_session

CONFIG = "[default]\n[profile ops]\nregion = eu-west-1\n"
CREDENTIALS = "[ops]\naws_access_key_id = AKIDOPS\naws_secret_access_key = not-a-secret\n"


@pytest.fixture(autouse=True)
def a_machine_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_a_profile_brings_region_and_credentials() -> None:
    session = open_session(None, profile="ops")
    assert session.region_name == "eu-west-1"
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "AKIDOPS"


def test_a_given_region_wins() -> None:
    assert open_session("us-east-1", profile="ops").region_name == "us-east-1"


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputRefused, match="profile not known") as stop:
        open_session("us-east-1", profile="opps")
    assert "ops" in stop.value.detail


def test_no_region_and_no_credentials_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentLacking, match="no AWS credentials") as lacking:
        open_session("us-east-1")
    assert "--profile" in lacking.value.hint
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    with pytest.raises(InputRefused, match="no region") as refused:
        open_session(None)
    assert "--region" in refused.value.hint


def test_a_role_is_assumed_when_first_needed_and_renewed_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Any] = []

    def fetch(fetcher: AssumeRoleCredentialFetcher) -> dict[str, Any]:
        fetched.append(fetcher)
        # Less is left than botocore's advisory 15 minutes, so that every look renews.
        ends = datetime.now(UTC) + timedelta(minutes=5)
        return {
            "access_key": f"ASIA{len(fetched)}",
            "secret_key": "not-a-secret",
            "token": "token",
            "expiry_time": ends.isoformat(),
        }

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "fetch_credentials", fetch)
    session = open_session(None, profile="ops", role_arn="arn:aws:iam::123456789012:role/operator")
    assert fetched == []
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.get_frozen_credentials().access_key == "ASIA1"
    assert credentials.get_frozen_credentials().access_key == "ASIA2"


def test_the_role_is_asked_for_in_the_session_region(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    keep = AssumeRoleCredentialFetcher.__init__

    def remember(fetcher: Any, **options: Any) -> None:
        asked.update(options)
        keep(fetcher, **options)

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "__init__", remember)
    open_session(None, profile="ops", role_arn="arn:aws:iam::123456789012:role/operator")
    assert asked["extra_args"] == {"RoleSessionName": "mainstay", "DurationSeconds": 3600}
    assert asked["client_creator"]("sts").meta.region_name == "eu-west-1"


def test_a_region_that_may_be_lost_is_asked_once_and_for_seconds() -> None:
    session = open_session("us-east-1", profile="ops")
    patient, impatient = (doors.rds._client.meta.config for doors in (Doors(session), Doors(session, config=IMPATIENT)))
    assert (impatient.connect_timeout, impatient.read_timeout) == (3, 5)
    assert impatient.retries["total_max_attempts"] == 1
    assert patient.connect_timeout > impatient.connect_timeout
    assert impatient.user_agent_extra == patient.user_agent_extra


def test_each_call_is_signed_with_what_is_valid_then_and_a_login_that_ends_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens: list[str] = []

    def fetch(_: AssumeRoleCredentialFetcher) -> dict[str, Any]:
        if len(tokens) == 2:
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "is expired"}}, "AssumeRole")
        ends = datetime.now(UTC) + timedelta(minutes=5)
        token = f"token-{len(tokens) + 1}"
        return {"access_key": "ASIA", "secret_key": "not-a-secret", "token": token, "expiry_time": ends.isoformat()}

    def answer(request: Any, **_: object) -> Any:
        tokens.append(request.headers["X-Amz-Security-Token"].decode())
        body = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account><Arn>a</Arn>"
        body += b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
        return AWSResponse(request.url, 200, {}, SimpleNamespace(stream=lambda: [body]))

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "fetch_credentials", fetch)
    session = open_session("eu-west-1", profile="ops", role_arn="arn:aws:iam::123456789012:role/operator")
    session.events.register("before-send.sts", answer)
    door = Doors(session, budget=ONCE).sts
    assert [door.caller().account, door.caller().account] == ["1", "1"]
    assert tokens == ["token-1", "token-2"]
    with pytest.raises(EnvironmentLacking, match="AWS credentials expired") as stop:
        door.caller()
    assert is_logged_out(stop.value)
    assert "then run the same command" in stop.value.hint
