"""Functions run for real: a package in processes of its own, with Lambda's environment, time and memory."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.functions.packaging import Package
from mainstay.sandbox import lambda_launch
from mainstay.sandbox.lambda_environments import POOL
from mainstay.sandbox.lambda_launch import Invocation, invoke

REGION = "eu-central-1"
# The child's environment is built anew, and coverage measures a process that it finds its own variables in.
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
CODE = """
import json, os, sys, time
import boto3

def handler(event, context):
    print("hello from", context.function_name)
    return globals()[event["do"]](event, context)

def echo(event, context):
    return {"event": event, "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(),
            "request": context.aws_request_id, "version": context.function_version}

def environment(event, context):
    return dict(os.environ)

def account(event, context):
    return boto3.client("sts").get_caller_identity()["Account"]

def fail(event, context):
    raise ValueError("no such thing")

def wait(event, context):
    print("waiting", flush=True)
    try:
        time.sleep(60)
    except BaseException:
        time.sleep(60)

def eat(event, context):
    return len(bytearray(400 * 1024 * 1024))

def leave(event, context):
    os._exit(7)

def strange(event, context):
    import boto3.dynamodb.conditions, sysconfig, zoneinfo
    sysconfig.get_config_vars()
    import psycopg

def odd(event, context):
    return {1, 2}
"""


def packed(**files: str) -> Package:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in {"job.py": CODE, **files}.items():
            archive.writestr(name, text)
    content = target.getvalue()
    return Package("job", "arm64", content, hashlib.sha256(content).hexdigest(), "job.handler")


PACKAGE = packed()  # a zip holds the time at which it was made


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("launch") / "box"
    yield made
    POOL.close(made)


def call(box: Path, do: str, *, timeout_s: int = 10, **environment: str) -> Invocation:
    return invoke(
        PACKAGE,
        {"do": do},
        sandbox=box,
        region=REGION,
        environment={**MEASURED, **environment},
        timeout_s=timeout_s,
        memory_mib=256,
    )


def test_a_result_comes_back_and_the_log_beside_it(box: Path) -> None:
    done = call(box, "echo")
    assert done.error is None
    assert done.result["event"] == {"do": "echo"}
    assert done.result["memory"] == 256
    assert 0 < done.result["left"] <= 10_000
    assert len(done.result["request"]) == 36
    assert done.log == "hello from job\n"


def test_the_environment_is_lambda_s_and_nothing_of_ours(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("STRAY", "1")
    seen = call(box, "environment", GIVEN="yes").result
    assert (seen["AWS_REGION"], seen["AWS_LAMBDA_FUNCTION_NAME"], seen["GIVEN"]) == (REGION, "job", "yes")
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert seen["_HANDLER"] == "job.handler"
    assert seen["MAINSTAY_CA_BUNDLE"] == str(box / "ca.pem")
    assert seen["LAMBDA_TASK_ROOT"] == str(box / "functions" / PACKAGE.sha256)
    assert not {"AWS_PROFILE", "STRAY"} & set(seen)


def test_boto3_is_answered_by_the_sandbox(box: Path) -> None:
    assert call(box, "account").result == "123456789012"


def test_our_rooms_and_the_drivers_come_out_of_the_package_and_nowhere_else(box: Path) -> None:
    made = packed(
        **{
            "mainstay/functions/__init__.py": "",
            "mainstay/functions/only_here.py": (
                "import pg8000\n"
                "def handler(event, context):\n"
                "    try:\n"
                "        import mainstay.functions.rotation\n"
                "    except ModuleNotFoundError:\n"
                "        return [__file__, pg8000.__file__]\n"
            ),
            "pg8000/__init__.py": "",
        }
    )
    ours = Package(made.name, made.architecture, made.content, made.sha256, "mainstay.functions.only_here.handler")
    done = invoke(ours, {}, sandbox=box, region=REGION)
    assert done.error is None, done.log
    assert len(done.result) == 2
    assert all(path.startswith(str(box / "functions" / made.sha256)) for path in done.result)


def test_what_only_this_machine_has_is_not_there(box: Path) -> None:
    error = call(box, "strange").error
    assert error is not None
    assert error["errorMessage"] == "No module named 'psycopg'"


def test_what_a_handler_raises_is_the_error(box: Path) -> None:
    done = call(box, "fail")
    assert done.error is not None
    assert (done.error["errorType"], done.error["errorMessage"]) == ("ValueError", "no such thing")
    assert "in fail" in "".join(done.error["stackTrace"])
    assert "ValueError: no such thing" in done.log


def test_a_handler_that_takes_too_long_is_ended_and_its_log_kept(box: Path) -> None:
    done = call(box, "wait", timeout_s=1)
    assert done.error == {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"}
    assert "waiting" in done.log
    assert done.duration_s < lambda_launch.START_S


def test_a_runtime_that_never_begins_is_killed(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_launch, "START_S", -0.95)
    done = call(box, "echo", timeout_s=1)
    assert done.error is not None
    assert done.error["errorType"] == "Sandbox.Timedout"


@pytest.mark.parametrize(("do", "kind"), [("eat", "MemoryError"), ("leave", "Runtime.ExitError"), ("odd", "TypeError")])
def test_other_ends_are_errors_too(box: Path, do: str, kind: str) -> None:
    error = call(box, do).error
    assert error is not None
    assert error["errorType"] == kind


def test_a_handler_that_is_not_there_is_an_error(box: Path) -> None:
    made = packed()
    wrong = Package(made.name, made.architecture, made.content, made.sha256, "nowhere.handler")
    error = invoke(wrong, {}, sandbox=box, region=REGION).error
    assert error is not None
    assert error["errorType"] == "ModuleNotFoundError"


@pytest.mark.parametrize(("timeout_s", "memory_mib"), [(0, 128), (901, 128), (3, 127), (3, 10241)])
def test_limits_that_lambda_does_not_take_are_refused(box: Path, timeout_s: int, memory_mib: int) -> None:
    with pytest.raises(InputRefused, match="these limits"):
        invoke(packed(), {}, sandbox=box, region=REGION, timeout_s=timeout_s, memory_mib=memory_mib)
