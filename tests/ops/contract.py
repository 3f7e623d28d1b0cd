"""AWS as its API says it: requests and answers checked against botocore's shapes, and nothing sent anywhere.

Nobody can record real traffic here, so the answers are written from the API references (RDS 2014-10-31, STS
2011-06-15, Secrets Manager 2017-10-17, Systems Manager 2014-11-06; read 2026-11-21). botocore validates what is asked
before it comes here; what is answered is validated against the operation's output shape, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.validate import ParamValidator

Answerer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Refusal(Exception):
    """An error that the service answers."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class Asked:
    """One request: `rds:DescribeDBInstances` and its members."""

    operation: str
    members: Mapping[str, Any]


@cache
def _loader() -> Any:
    return botocore.loaders.create_loader()


@dataclass
class Contract:
    """The answers by operation, and everything that was asked, in order."""

    answers: dict[str, Answerer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def session(self, region: str = "eu-central-1") -> boto3.Session:
        core = botocore.session.Session()
        core.register_component("data_loader", _loader())
        core.set_credentials("AKID", "not-a-secret")
        events = core.get_component("event_emitter")
        events.register_last("before-parameter-build", self._remember)
        events.register_first("before-call", self._answer)
        events.register_first("before-send", self._refuse)
        return boto3.Session(botocore_session=core, region_name=region)

    def operations(self) -> list[str]:
        """What was asked, a run of the same operation once."""
        names = [one.operation for one in self.asked]
        return [name for number, name in enumerate(names) if not number or names[number - 1] != name]

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        return [one.members for one in self.asked if one.operation == operation]

    def then(self, operation: str, steps: Iterable[Mapping[str, Any] | Refusal], last: Answerer | None = None) -> None:
        """These answers first, one after the other, then `last` or what answered before."""
        left, otherwise = list(steps), last or self.answers.get(operation)

        def answer(members: Mapping[str, Any]) -> Mapping[str, Any]:
            if not left:
                assert otherwise is not None, f"{operation} was asked once too often"
                return otherwise(members)
            step = left.pop(0)
            if isinstance(step, Refusal):
                raise step
            return step

        self.answers[operation] = answer

    def _remember(self, params: Any, context: dict[str, Any], **_: object) -> None:
        context["asked"] = params

    def _answer(self, model: Any, context: dict[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
        operation = f"{model.service_model.service_name}:{model.name}"
        members = dict(context.get("asked", {}))
        self.asked.append(Asked(operation, members))
        assert operation in self.answers, f"{operation} is no part of this contract: {members}"
        try:
            answer = dict(self.answers[operation](members))
        except Refusal as refusal:
            return _response(refusal.status, {"Error": {"Code": refusal.code, "Message": refusal.message}})
        if model.output_shape is not None:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), f"{operation} cannot answer that: {report.generate_report()}"
        return _response(200, answer)

    def _refuse(self, request: Any, **_: object) -> None:
        raise AssertionError(f"about to be sent: {request.url}")


def _response(status: int, parsed: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    headers: Any = {}
    metadata = {"RequestId": "11111111-2222-3333-4444-555555555555", "HTTPStatusCode": status, "HTTPHeaders": {}}
    return AWSResponse("contract://", status, headers, None), {**parsed, "ResponseMetadata": metadata}
