"""The seam: a boto3 session whose every client is answered in this process, and never reaches a network.

Two events of botocore carry it, the ones its own Stubber stands on: `before-parameter-build` remembers the
parameters as the caller gave them, `before-call` returns the answer, so botocore never builds a connection. What
lies above stays botocore's: parameter validation, typed exceptions, paginators, waiters. A third handler, on
`before-send`, fails whatever would leave all the same.

The one file of the sandbox that imports boto3, and only when a session is made.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mainstay.core.clock import parse_time
from mainstay.core.errors import EnvironmentLacking
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.faults import take
from mainstay.sandbox.rds.operations import needs_supervisor
from mainstay.sandbox.services import HANDLERS, OUTSIDE, Handler, Params
from mainstay.sandbox.state import State, Transaction

if TYPE_CHECKING:
    import boto3

# Services whose records somebody has to make real after the call.
_SUPERVISED: Final = ("rds", "cloudformation", "backup", "events", "lambda", "secretsmanager")
# A change of the state takes a few pages of 4 KiB in SQLite's log.
LEAST_FREE_BYTES: Final = 64 * 2**10
_KEPT: Final = "mainstay_sandbox_params"

# What a sandbox session must not pick up from the user's environment or files: profiles that do not exist here,
# endpoints, and a defaults mode that asks the instance metadata service for a region.
_ISOLATION: Final[Mapping[str, object]] = {
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "defaults_mode": "legacy",
    "retry_mode": "standard",
    "max_attempts": 1,
    "ignore_configured_endpoint_urls": True,
    "endpoint_discovery_enabled": False,
    "imds_use_ipv6": False,
    "use_dualstack_endpoint": False,
    "use_fips_endpoint": False,
    "sts_regional_endpoints": "regional",
}

# Settings without any value, wherever they would come from (botocore: config name, environment name, default, type).
_ABSENT: Final = dict.fromkeys(("profile", "ca_bundle", "endpoint_url"), (None, None, None, None))


def session(directory: Path, region: str, *, calls_supervisor: bool = True) -> boto3.Session:
    """A boto3 session onto the sandbox in `directory`; a client may be made for another region too.

    With `calls_supervisor` off, what is written waits for a supervisor that somebody else starts.
    """
    import boto3  # noqa: PLC0415  lazy: most commands never make a session, and boto3 costs 0.3 s
    import botocore.session  # noqa: PLC0415  lazy, see above

    core = botocore.session.Session(session_vars=_ABSENT)
    for name, value in _ISOLATION.items():
        core.set_config_variable(name, value)
    core.set_credentials("SANDBOX", "sandbox")
    core.register_component("data_loader", _loader())
    answering = _Answering(State(directory), region, calls_supervisor=calls_supervisor)
    events = core.get_component("event_emitter")
    events.register_last("before-parameter-build", answering.remember)
    events.register_first("before-call", answering.answer)
    events.register_first("before-send", answering.refuse)
    made = boto3.Session(botocore_session=core, region_name=region)
    # boto3 adds its own folder for every session.
    _loader().search_paths[:] = dict.fromkeys(_loader().search_paths)
    return made


@cache
def _loader() -> Any:
    """What botocore knows of services, parsed once a process: that takes longer than all else about a client."""
    import botocore.loaders  # noqa: PLC0415  lazy, see above

    return botocore.loaders.create_loader()


def install(directory: Path, region: str) -> None:
    """Make the sandbox the default of this process, a function's: `boto3.client(…)` is answered here from now on.

    Who called the function looks after the supervisor: its own environment is not the function's.
    """
    import boto3  # noqa: PLC0415  lazy, see above

    boto3.DEFAULT_SESSION = session(directory, region, calls_supervisor=False)


class _Answering:
    """The three event handlers of one session."""

    def __init__(self, state: State, region: str, *, calls_supervisor: bool) -> None:
        self._state = state
        self._region = region
        self._calls_supervisor = calls_supervisor

    def remember(self, params: Any, context: dict[str, Any], **_: object) -> None:
        """Keep the parameters beside the request: what reaches `before-call` is already serialised."""
        context[_KEPT] = params

    def answer(self, model: Any, context: dict[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
        """The service's answer, or its error, in the form in which botocore's parser would give it."""
        service, operation = model.service_model.service_name, model.name
        region = context.get("client_region") or self._region
        region = self._region if region == "aws-global" else region
        try:
            parsed = self._handled(service, operation, region, context.get(_KEPT, {}))
        except ServiceError as error:
            return _response(error.http_status, {"Error": {"Code": error.code, "Message": error.message}})
        return _response(200, _typed(parsed, model.output_shape))

    def refuse(self, request: Any, **_: object) -> None:
        """Nothing is sent from a sandbox session, whoever built the request."""
        raise RuntimeError(f"a sandbox session was about to send a request to {request.url}; it was stopped")

    def _handled(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        handler, outside = HANDLERS.get((service, operation)), OUTSIDE.get((service, operation))
        if handler is None and outside is None:
            raise not_implemented(service, operation)
        answer: dict[str, Any] = {}
        with self._state.transaction(region) as tx:
            refusal = take(tx, service, operation)
            if handler and refusal is None:
                answer, refusal = _answered(handler, tx, params)
            is_work_left = self._calls_supervisor and service in _SUPERVISED and needs_supervisor(tx)
        if refusal is not None:
            raise refusal
        if outside is not None:
            answer = outside(self._state, region, params)
            with self._state.reading(region) as tx:
                is_work_left = self._calls_supervisor and needs_supervisor(tx)
        if is_work_left:
            _need_space(self._state.directory)
            _call_supervisor(self._state.directory)
        return answer


def _answered(handler: Handler, tx: Transaction, params: Params) -> tuple[dict[str, Any], ServiceError | None]:
    """A handler's answer, or its refusal when that is one of those that keep what was written."""
    try:
        return handler(tx, params), None
    except ServiceError as error:
        if error.keeps:
            return {}, error
        raise


def _need_space(directory: Path) -> None:
    """EnvironmentLacking when no progress could be written: whoever waits for it would wait for ever."""
    place = os.statvfs(directory)
    free = place.f_bavail * place.f_frsize
    if free < LEAST_FREE_BYTES:
        raise EnvironmentLacking(
            "no space left",
            detail=f"The sandbox has work under way, and {free:,} bytes are free for its state in {directory}.",
            hint="make room there: the work then goes on by itself; `mainstay sandbox down` takes the sandbox away",
        )


def _call_supervisor(directory: Path) -> None:
    # Lazy: it brings the database driver and the certificates with it, which most calls do without.
    from mainstay.sandbox.supervisor.launch import ensure_running  # noqa: PLC0415  lazy, see above

    ensure_running(directory)


def _response(status: int, parsed: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415  lazy: loaded long before by the client

    headers: Any = {}  # Any: botocore only ever looks a header up
    metadata = {"RequestId": f"sandbox-{uuid.uuid4()}", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    return AWSResponse("sandbox://", status, headers, None), {**parsed, "ResponseMetadata": metadata}


def _typed(value: Any, shape: Any) -> Any:
    """The answer with the Python types that botocore's parser gives: datetimes, and streams for streaming bytes."""
    if shape is None:
        return {}
    typed = value
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            members, body = shape.members, shape.serialization.get("payload")
            typed = {name: _typed(item, members[name]) if name in members else item for name, item in value.items()}
            # A blob that is the whole body of an answer is a stream, marked as one or not (botocore's parsers).
            if isinstance(typed.get(body), bytes):
                typed[body] = _stream(typed[body])
        case "list":
            typed = [_typed(item, shape.member) for item in value]
        case "map":
            typed = {name: _typed(item, shape.value) for name, item in value.items()}
        case "timestamp" if isinstance(value, str):
            typed = parse_time(value)
        case "blob" if shape.serialization.get("streaming"):
            typed = _stream(value)
    return typed


def _stream(content: bytes) -> Any:
    import io  # noqa: PLC0415  lazy, with the next line

    from botocore.response import StreamingBody  # noqa: PLC0415  lazy: loaded long before by the client

    return StreamingBody(io.BytesIO(content), len(content))
