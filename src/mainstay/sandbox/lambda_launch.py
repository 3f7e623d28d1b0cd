"""Functions in the sandbox: a package is unpacked, run once in a process of its own, and taken away again.

The process has the environment, the time and the memory that Lambda would give it, and nothing of the caller's.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mainstay
from mainstay import facts
from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.process import Completed, run
from mainstay.functions.packaging import Package
from mainstay.functions.settings import CA_BUNDLE

MODULE: Final = "mainstay.sandbox.lambda_runtime"
# Starting Python, boto3 and the seam is no part of the handler's time.
START_S: Final = 20.0


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

    `about` holds further members of the handler's context. The function ends with the thread that called it.
    Databases are trusted by the sandbox's own authority unless the environment names another bundle.
    Error: InputRefused for a timeout or a memory size that Lambda does not take.
    """
    _refuse_out_of_bounds(timeout_s, memory_mib)
    sandbox = sandbox.resolve()  # the process has a directory of its own
    with tempfile.TemporaryDirectory(prefix="mainstay-function-") as scratch:
        root, log = Path(scratch) / "task", Path(scratch) / "log"
        log.touch(mode=0o600)
        zipfile.ZipFile(io.BytesIO(package.content)).extractall(root)
        request = {
            "handler": package.handler,
            "event": event,
            "function_name": package.name,
            "request_id": request_id or str(uuid.uuid4()),
            "about": dict(about or {}),
            "memory_mib": memory_mib,
            "timeout_s": timeout_s,
        }
        built = {CA_BUNDLE: str(sandbox / "ca.pem"), **(environment or {})}
        built |= _environment(package, root, region, memory_mib)
        begun = time.monotonic()
        try:
            done = run(
                [sys.executable, "-m", MODULE, str(root), str(sandbox), region, str(log), str(os.getpid())],
                env=built,
                cwd=Path(scratch),
                stdin_text=json.dumps(request),
                timeout_s=START_S + timeout_s,
                must_succeed=False,
            )
        except TargetRefused:
            done = None
        return _ended(done, log.read_text(errors="replace"), timeout_s, time.monotonic() - begun)


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
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _ended(done: Completed | None, log: str, timeout_s: int, duration_s: float) -> Invocation:
    """Read the answer; without one, say what ended the process in the words of Lambda."""
    if done is None or done.returncode == -signal.SIGALRM:
        message = f"Task timed out after {timeout_s:.2f} seconds"
        return Invocation(None, {"errorType": "Sandbox.Timedout", "errorMessage": message}, log, duration_s)
    if not done.stdout:
        message = f"Runtime exited without an answer: exit code {done.returncode}"
        return Invocation(None, {"errorType": "Runtime.ExitError", "errorMessage": message}, log, duration_s)
    took, answered = done.stdout.split("\n", 1)
    answer = json.loads(answered)
    return Invocation(answer.get("result"), answer.get("error"), log, json.loads(took)["duration_s"])


def _refuse_out_of_bounds(timeout_s: int, memory_mib: int) -> None:
    least, most = (facts.limit("lambda", f"{end}_memory_mib") for end in ("least", "most"))
    longest_s = facts.limit("lambda", "most_timeout_s")
    if not 1 <= timeout_s <= longest_s or not least <= memory_mib <= most:
        raise InputRefused(
            "Lambda does not take these limits",
            detail=f"A timeout of {timeout_s} s and {memory_mib} MiB of memory were given.",
            hint=f"give 1 to {longest_s} s and {least} to {most} MiB",
        )
