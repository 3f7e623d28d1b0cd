"""The functions' door to AWS: errors in our own shape, and absence told from refusal."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mainstay.core.errors import TargetRefused
from mainstay.functions.aws import MISSING, ask, ask_for


def refusing(error: Exception) -> Any:
    def question(**_: object) -> None:
        raise error

    return question


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "GetSecretValue")
SILENT = EndpointConnectionError(endpoint_url="https://secretsmanager.example")


@pytest.mark.parametrize("asking", [ask, ask_for])
@pytest.mark.parametrize(("error", "told"), [(DENIED, "AccessDeniedException"), (SILENT, "secretsmanager.example")])
def test_a_refusal_and_a_silence_are_ours(asking: Any, error: Exception, told: str) -> None:
    with pytest.raises(TargetRefused, match="aws refused a call") as caught:
        asking(refusing(error))
    assert told in caught.value.detail


@pytest.mark.parametrize("code", sorted(MISSING))
def test_absence_is_an_answer_to_who_asks_for_it(code: str) -> None:
    absent = refusing(ClientError({"Error": {"Code": code, "Message": "gone"}}, "Get"))
    assert ask_for(absent) is None
    with pytest.raises(TargetRefused, match=code):
        ask(absent)
