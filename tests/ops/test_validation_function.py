"""The validation function as a way: what it answers, each way in which it can fail, and when it is passed over."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
import pytest
from tests.ops.conftest import SteppedClock
from tests.ops.contract import Contract, Refusal
from tests.ops.function_contract import CODE, NAME, SUBNETS, VPC, RecordedFunction, function_of
from tests.ops.test_tunnel import BASTION, behind_bastion, silent

from mainstay.api._routes import function_of as function_of_stack
from mainstay.core.errors import Busy, Inconclusive, InputRefused, MainstayError, NotFound, TargetRefused
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.distant import EITHER, Distant
from mainstay.ops.login import Address
from mainstay.ops.routes import Routes, observed_from
from mainstay.ops.site import Site
from mainstay.ops.validation_function import PRESUMED_BYTES_S, FunctionSpent, ValidationFunction, Whom, _own_code
from mainstay.probe.carrying import packed
from mainstay.probe.postgres.errors import WireError
from mainstay.probe.session import tells_damage

WHOM = Whom(engine="postgres", address=Address("10.0.0.7", 5432))
STATE = DbState(
    identifier="shop-db", resource_id="db-1", arn="", status="available", engine="postgres", engine_version="17.6",
    address="10.0.0.7", port=5432, username="app",
)  # fmt: skip


@pytest.fixture
def recorded() -> RecordedFunction:
    return RecordedFunction(Contract())


@pytest.fixture
def site(recorded: RecordedFunction) -> Site:
    doors = Doors(recorded.contract.session(), clock=SteppedClock())
    return Site(doors=doors, label="aws", region="eu-central-1")


@pytest.fixture
def function(site: Site) -> ValidationFunction:
    return function_of(site)


def answering(**told: Any) -> dict[str, Any]:
    given = {**told, "answer": packed(told["answer"])} if "answer" in told else told
    return {"Payload": json.dumps({"code": _own_code(), **given}).encode()}


def greeting(size: float) -> dict[str, Any]:
    return answering(answer={"version": "PostgreSQL 17.6", "tls_version": "TLSv1.3", "bytes": int(size)})


def failing(kind: str, message: str) -> dict[str, Any]:
    told = {"errorType": kind, "errorMessage": message}
    return {"FunctionError": "Unhandled", "Payload": json.dumps(told).encode()}


@pytest.mark.parametrize(
    ("step", "kind", "summary", "words", "hint"),
    [
        (failing("Sandbox.Timedout", "Task timed out after 300.00 seconds"), FunctionSpent, "ran out of time",
         f"{NAME} was asked to read and ended after 300 s", "validation.timeout"),
        (failing("Function.ResponseSizeTooLarge", "exceeded (6291556 bytes)"), FunctionSpent, "answer is too large",
         NAME, "--through bastion"),
        (failing("MemoryError", "out of it"), Inconclusive, "the function failed", "MemoryError: out of it",
         f"/aws/lambda/{NAME}"),
        ({"FunctionError": "Unhandled", "Payload": b""}, Inconclusive, "the function failed", "Unhandled", "log"),
        (Refusal("ResourceNotFoundException", "Function not found", 404), NotFound, "no validation function", NAME,
         "deploy the stack again"),
        (Refusal("TooManyRequestsException", "Rate Exceeded.", 429), Busy, "the function is throttled", NAME,
         "concurrency"),
        (Refusal("AccessDeniedException", "no", 403), TargetRefused, "not allowed", "lambda:Invoke", "--profile"),
        (answering(error={"summary": "the database refused the login", "detail": "app at x", "hint": "compare"}),
         TargetRefused, "refused the login", f"Function {NAME}: app at x", "compare"),
        (answering(error={"summary": "no such question", "detail": "x", "hint": ""}), TargetRefused,
         "no such question", NAME, "--through bastion"),
        (answering(beyond={"summary": "the answer is too large", "detail": "x"}), FunctionSpent,
         "too large", f"Function {NAME}: x", "--through bastion"),
        ({"Payload": json.dumps({"code": "of-another", "answer": 1}).encode()}, TargetRefused, "of another version",
         f"(package {CODE}): its code is of-another", "deploy the stack again"),
        ({"Payload": json.dumps({"subject": "shop", "has_passed": True}).encode()}, TargetRefused,
         "of another version", "does not know a drill's questions", "deploy the stack again"),
    ],
)  # fmt: skip
def test_each_failure_names_the_function_the_reason_and_the_next_step(
    recorded: RecordedFunction,
    function: ValidationFunction,
    step: Any,
    kind: type[MainstayError],
    summary: str,
    words: str,
    hint: str,
) -> None:
    recorded.before = [step] * 40
    with pytest.raises(kind) as stop:
        function.ask(WHOM, "read")
    assert type(stop.value) is kind
    assert summary in stop.value.summary
    assert words in stop.value.detail
    assert hint in stop.value.hint


def test_a_function_that_is_throttled_for_a_moment_is_asked_again(
    recorded: RecordedFunction, function: ValidationFunction
) -> None:
    recorded.before = [Refusal("TooManyRequestsException", "Rate Exceeded.", 429), answering(answer=["shop"])]
    assert function.ask(WHOM, "databases") == ["shop"]
    (_, event) = [json.loads(members["Payload"])["probe"] for members in recorded.contract.of("lambda:Invoke")]
    assert event == {
        "question": "databases", "engine": "postgres", "address": "10.0.0.7:5432", "database": "", "secret": None,
        "arguments": packed([]), "options": {},
    }  # fmt: skip


def test_what_the_server_said_is_an_error_of_its_driver(
    recorded: RecordedFunction, function: ValidationFunction
) -> None:
    recorded.before = [
        answering(driver_error={"words": "invalid page", "code": "XX001"}),
        answering(driver_error={"words": "Index is corrupt", "code": 1712}),
    ]
    with pytest.raises(WireError, match="invalid page") as damaged:
        function.ask(WHOM, "read")
    assert tells_damage(damaged.value)
    with pytest.raises(pymysql.err.OperationalError) as corrupt:
        function.ask(replace(WHOM, engine="mariadb"), "read")
    assert tells_damage(corrupt.value)


def test_only_questions_go_through_a_function(recorded: RecordedFunction, function: ValidationFunction) -> None:
    recorded.before = [greeting(1)]
    dialect = EITHER["postgres"]
    with Distant(function, WHOM, []) as there:
        assert (dialect.version(there), dialect.tls_version(there)) == ("PostgreSQL 17.6", "TLSv1.3")
        for ask in (lambda: there.execute("SELECT 1"), lambda: dialect.settings(there, ["port"])):
            with pytest.raises(TargetRefused, match="not asked through a function") as stop:
                ask()
            assert "--through direct or bastion" in stop.value.hint
    assert len(recorded.contract.of("lambda:Invoke")) == 1


@pytest.mark.parametrize(("timeout_s", "most_s"), [(300, 200), (900, 600)])
def test_work_up_to_two_thirds_of_its_time_and_ten_minutes_is_taken(
    recorded: RecordedFunction, site: Site, timeout_s: int, most_s: int
) -> None:
    recorded.timeout_s = timeout_s
    recorded.before = [greeting(most_s * PRESUMED_BYTES_S), greeting(most_s * PRESUMED_BYTES_S + PRESUMED_BYTES_S)]
    routes = Routes(site, function=partial(function_of, site), through="function")
    routes.require(STATE)
    assert routes.asked_by(WHOM.address) is not None
    with pytest.raises(TargetRefused, match="too much work for a function") as stop:
        Routes(site, function=partial(function_of, site), through="function").require(STATE)
    assert f"{NAME}: some " in stop.value.detail
    assert "MiB/s, presumed)" in stop.value.detail
    assert "--through bastion" in stop.value.hint


def test_a_measured_rate_takes_the_place_of_the_presumed_one(recorded: RecordedFunction, site: Site) -> None:
    recorded.before = [greeting(100 * PRESUMED_BYTES_S)]
    routes = Routes(site, function=partial(function_of, site), look=silent)
    routes.require(STATE)
    function, copy = routes.asked_by(WHOM.address), Address("10.0.0.8", 5432)
    assert function is not None
    function.learn(0.0)
    assert "some 1m40s of work (5,000.0 MiB at 50.0 MiB/s, presumed), 3m20s at most" in function.estimate
    function.learn(250.0)
    assert "some 4m10s of work (5,000.0 MiB at 20.0 MiB/s, measured)" in function.estimate
    assert routes.asked_by(copy) is None
    assert routes.asked_by(WHOM.address) is function
    assert f"through function {NAME} in eu-central-1 ({VPC}, {' '.join(SUBNETS)}; package {CODE}" in observed_from(
        routes
    )


def test_a_function_that_does_not_do_is_passed_over_for_the_bastion_and_the_evidence_says_why(
    recorded: RecordedFunction, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = behind_bastion(site, tmp_path, monkeypatch)
    recorded.before = [greeting(1e12)]
    with Routes(site, bastion=BASTION, function=partial(function_of, site), look=silent) as routes:
        routes.require(STATE)
        assert routes.asked_by(WHOM.address) is None
        assert f"its function is not asked (too much work for a function: {NAME}: some " in observed_from(routes)
        assert f"through bastion {BASTION}" in observed_from(routes)
    recorded.before = [answering(driver_error={"words": "the connection is lost", "code": None})]
    with Routes(site, bastion=BASTION, function=partial(function_of, site), look=silent) as routes:
        routes.require(STATE)
        assert f"asked by function {NAME}: the connection is lost)" in observed_from(routes)


def test_a_function_is_left_for_the_bastion_where_there_is_one_and_nobody_chose(
    recorded: RecordedFunction, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = partial(function_of, site)
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path / "nothing"))
        recorded.before = [greeting(1e6)]
        bare = Routes(site, bastion=BASTION, function=find, look=silent)
        bare.require(STATE)
        assert not bare.leave_function("no plugin"), "without the program that a bastion takes"
    site = behind_bastion(site, tmp_path, monkeypatch)
    for options in ({"bastion": None}, {"bastion": BASTION, "through": "function"}):
        recorded.before = [greeting(1e6)]
        kept = Routes(site, function=find, look=silent, **options)
        kept.require(STATE)
        assert not kept.leave_function("it is slow")
        assert kept.asked_by(WHOM.address) is not None
    assert not Routes(site, bastion=BASTION, look=silent).leave_function("there is none")
    recorded.before = [greeting(1e6)]
    with Routes(site, bastion=BASTION, function=find, look=silent) as routes:
        routes.require(STATE)
        assert routes.asked_by(WHOM.address) is not None
        assert routes.leave_function("it is slow")
        assert routes.asked_by(WHOM.address) is None
        assert routes.dial(WHOM.address).host == "127.0.0.1"
        function, bastion, why = routes.ways
        assert (function.split(" in ")[0], bastion.split(" in ")[0], why) == (
            f"through function {NAME}", f"through bastion {BASTION}", "it is slow",
        )  # fmt: skip


def test_nobody_is_asked_where_the_direct_way_leads_or_another_was_chosen(site: Site) -> None:
    def never() -> ValidationFunction:
        raise AssertionError("asked")

    boxed = replace(site, label="sandbox")
    for routes in (Routes(site, function=never, look=lambda _: None), Routes(boxed, function=never, look=silent)):
        routes.require(STATE)
        assert routes.asked_by(WHOM.address) is None
        assert routes.dial(WHOM.address) == WHOM.address
    with pytest.raises(TargetRefused, match="no way to the database"):
        Routes(site, function=lambda: None, look=silent).require(STATE)
    with pytest.raises(TargetRefused, match="no way to the database"):
        Routes(site, function=never, look=silent, through="direct").require(STATE)


def test_a_function_that_is_asked_for_has_to_be_there(site: Site, recorded: RecordedFunction) -> None:
    for find in (None, lambda: None):
        with pytest.raises(InputRefused, match="no validation function") as stop:
            Routes(site, function=find, through="function")
        assert "write validation in the spec" in stop.value.hint
    rows: list[dict[str, Any]] = []
    recorded.contract.answers["cloudformation:ListStackResources"] = lambda _: {"StackResourceSummaries": rows}
    assert function_of_stack(site, "shop") is None
    rows.append(
        {"LogicalResourceId": "ValidationFunction", "PhysicalResourceId": NAME, "ResourceStatus": "CREATE_COMPLETE",
         "ResourceType": "AWS::Lambda::Function", "LastUpdatedTimestamp": 0}
    )  # fmt: skip
    found = function_of_stack(site, "shop")
    assert found is not None
    assert found.name == NAME
    recorded.contract.then(
        "lambda:GetFunctionConfiguration", [Refusal("ResourceNotFoundException", "Function not found", 404)]
    )
    with pytest.raises(NotFound, match="no validation function"):
        found.state  # noqa: B018  it is asked for here
