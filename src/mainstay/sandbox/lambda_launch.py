"""Functions in the sandbox: a call goes to an execution environment that waits for it, or to a new one.

An environment is a process with the variables, the time and the memory that Lambda would give it, and nothing of the
caller's. It keeps nothing on disk but the unpacked code, which stays in the sandbox's own directory.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mainstay
from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.engines.process import spawn_bound
from mainstay.functions.packaging import Package
from mainstay.functions.settings import CA_BUNDLE
from mainstay.sandbox.lambda_code import unpacked
from mainstay.sandbox.lambda_environments import POOL, Environment, Key

MODULE: Final = "mainstay.sandbox.lambda_runtime"
# Starting Python, boto3 and the seam is no part of the handler's time.
START_S: Final = 20.0
# An environment that gave no answer has ended, or is about to.
END_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one call ended: `result` when `error` is None, else Lambda's errorType and errorMessage; and the log.

    `duration_s` is the handler's time; of a process that gave no answer, the whole of its life.
    """

    result: Any  # Any: JSON of the handler's making
    error: Mapping[str, Any] | None
    log: str
    duration_s: float


def invoke(
    package: Package,
    event: Mapping[str, Any],
    *,
    sandbox: Path,
    region: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: int = 3,
    memory_mib: int = 128,
    request_id: str = "",
    about: Mapping[str, str] | None = None,
) -> Invocation:
    """Call a function as Lambda would, against this sandbox; whatever the handler raises is in the answer.

    `about` holds further members of the handler's context. The function ends with the process that called it.
    Databases are trusted by the sandbox's own authority unless the environment names another bundle.
    Error: InputRefused for a timeout or a memory size that Lambda does not take.
    """
    _refuse_out_of_bounds(timeout_s, memory_mib)
    sandbox = sandbox.resolve()  # the process has a directory of its own
    given = {CA_BUNDLE: str(sandbox / "ca.pem"), **(environment or {})}
    request = {
        "handler": package.handler,
        "event": event,
        "function_name": package.name,
        "request_id": request_id or str(uuid.uuid4()),
        "about": dict(about or {}),
        "memory_mib": memory_mib,
        "timeout_s": timeout_s,
    }
    key = _key(package, sandbox, region, given, request)
    begun = time.monotonic()
    taken = POOL.take(key) or _start(key, package, given, memory_mib)
    try:
        answer = taken.process.ask(json.dumps(request), START_S + timeout_s)
    except TimeoutError:
        _, log = taken.end()
        return _timed_out(timeout_s, log, time.monotonic() - begun)
    except BaseException:
        taken.end()
        raise
    if answer is not None:
        return _answered(taken, answer)
    code, log = taken.end(patience_s=END_S)
    return _crashed(code, timeout_s, log, time.monotonic() - begun)


def _key(
    package: Package, sandbox: Path, region: str, environment: Mapping[str, str], request: Mapping[str, Any]
) -> Key:
    code = [package.sha256, package.architecture, package.runtime]
    configured = {**request, "event": None, "request_id": None, "environment": dict(environment), "code": code}
    return Key(sandbox, region, package.name, json.dumps(configured, sort_keys=True))


def _start(key: Key, package: Package, environment: Mapping[str, str], memory_mib: int) -> Environment:
    root = unpacked(package, key.sandbox)
    built = {**environment, **_environment(package, root, key.region, memory_mib)}
    # Nobody can name this file, so nothing is left of it however we end.
    log = tempfile.TemporaryFile(dir=root.parent)  # noqa: SIM115  the environment closes it
    # What is written is always added at its end, so that it can be emptied between two calls.
    fcntl.fcntl(log, fcntl.F_SETFL, fcntl.fcntl(log, fcntl.F_GETFL) | os.O_APPEND)
    try:
        argv = [sys.executable, "-u", "-P", "-m", MODULE, str(root), key.region, str(key.sandbox)]
        return Environment(key, spawn_bound(argv, log=log.fileno(), env=built), log)
    except BaseException:
        log.close()
        raise


def _environment(package: Package, root: Path, region: str, memory_mib: int) -> dict[str, str]:
    """Lambda developer guide, "Defined runtime environment variables" (not re-read); and where our seam is found."""
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{package.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": package.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mib),
        "LAMBDA_TASK_ROOT": str(root),
        "_HANDLER": package.handler,
        "TZ": ":UTC",
        "PYTHONPATH": str(Path(mainstay.__file__).parent.parent),
    }


def _answered(taken: Environment, line: str) -> Invocation:
    """Read the answer, and let the environment wait for the next call unless it says that it ends."""
    told = json.loads(line)
    log = taken.read_log()
    if told["stays"]:
        POOL.give(taken)
    else:
        taken.end(patience_s=END_S)
    return Invocation(told["answer"].get("result"), told["answer"].get("error"), log, told["duration_s"])


def _crashed(code: int, timeout_s: int, log: str, duration_s: float) -> Invocation:
    """Without an answer: what ended the process, in the words of Lambda."""
    if code == -signal.SIGALRM:
        return _timed_out(timeout_s, log, duration_s)
    message = f"Runtime exited without an answer: exit code {code}"
    return Invocation(None, {"errorType": "Runtime.ExitError", "errorMessage": message}, log, duration_s)


def _timed_out(timeout_s: int, log: str, duration_s: float) -> Invocation:
    message = f"Task timed out after {timeout_s:.2f} seconds"
    return Invocation(None, {"errorType": "Sandbox.Timedout", "errorMessage": message}, log, duration_s)


def _refuse_out_of_bounds(timeout_s: int, memory_mib: int) -> None:
    least, most = (facts.limit("lambda", f"{end}_memory_mib") for end in ("least", "most"))
    longest_s = facts.limit("lambda", "most_timeout_s")
    if not 1 <= timeout_s <= longest_s or not least <= memory_mib <= most:
        raise InputRefused(
            "Lambda does not take these limits",
            detail=f"A timeout of {timeout_s} s and {memory_mib} MiB of memory were given.",
            hint=f"give 1 to {longest_s} s and {least} to {most} MiB",
        )
