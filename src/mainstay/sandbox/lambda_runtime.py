"""The process in which a function runs in the sandbox, as Lambda's runtime would run it.

Called by `lambda_launch` with the unpacked code, the sandbox and the request as JSON on standard input. The seam
is installed as boto3's default session, so that the handler's clients are answered here; the handler, its drivers
and our modules beside it come out of the package, never out of the installation. The answer goes to standard output
as two lines of JSON, how long the handler took, and `result` or `error`; whatever the handler writes goes to the log
file.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.machinery
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from mainstay.sandbox import seam

# The rooms of ours that are packed whole as far as a handler needs them.
PACKED: Final = ("mainstay.functions", "mainstay.probe")
PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
# The seam and its state are no part of what Lambda's limit is about.
SEAM_MIB: Final = 128


@dataclass(frozen=True)
class Context:
    """What a handler is given beside its event, by the names that Lambda uses."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    function_version: str = "$LATEST"
    invoked_function_arn: str = ""
    log_group_name: str = ""
    log_stream_name: str = ""

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still run."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


def main(root: Path, sandbox: Path, region: str, log: Path) -> None:
    """Run one request; the exit code is 0 whenever there is an answer."""
    answer_to = _redirect(log)
    request = json.loads(sys.stdin.read())
    seam.install(sandbox, region)
    _take_from(root)
    _limit_memory(request["memory_mib"])
    # The kernel ends this process at the handler's deadline, whatever the handler is doing.
    signal.setitimer(signal.ITIMER_REAL, request["timeout_s"])
    begun = time.monotonic()
    answer = _answer(request)
    signal.setitimer(signal.ITIMER_REAL, 0)
    with os.fdopen(answer_to, "w", encoding="utf-8") as stream:
        stream.write(json.dumps({"duration_s": time.monotonic() - begun}) + "\n" + answer)


# Any: whatever the handler answers.
def _answer(request: Mapping[str, Any]) -> str:
    context = Context(
        request["function_name"],
        request["memory_mib"],
        request["request_id"],
        time.monotonic() + request["timeout_s"],
        **request["about"],
    )
    try:
        module, _, name = request["handler"].rpartition(".")
        result = getattr(importlib.import_module(module), name)(request["event"], context)
        return json.dumps({"result": result})
    except Exception as error:  # noqa: BLE001  Lambda tells the caller whatever a handler raises
        traceback.print_exc()
        told = {"errorMessage": str(error), "errorType": type(error).__name__}
        return json.dumps({"error": {**told, "stackTrace": traceback.format_tb(error.__traceback__)}})


def _redirect(log: Path) -> int:
    """Send both outputs to the log, at the descriptors; the old standard output is the answer's."""
    answer_to = os.dup(1)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)
    return answer_to


def _take_from(root: Path) -> None:
    """Let imports find the package first, and its rooms nowhere else."""
    for loaded in [name for name in sys.modules if name.startswith(PACKED)]:
        del sys.modules[loaded]
    sys.path.insert(0, str(root))
    sys.meta_path.insert(0, _Packed(root))


class _Packed:
    """Finds the packed rooms in the package alone: `mainstay` itself is already loaded from the installation."""

    def __init__(self, root: Path) -> None:
        self._places = [str(root / "mainstay")]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """As importlib's finders answer."""
        del path
        return importlib.machinery.PathFinder.find_spec(name, self._places, target) if name in PACKED else None


def _limit_memory(mib: int) -> None:
    """The function's own writable memory (RLIMIT_DATA): beyond it there is a MemoryError instead of Lambda's kill."""
    most = (mib + SEAM_MIB) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _end_with(caller: int) -> None:
    """Let the kernel end this process when its caller dies: nobody would hear of what it did.

    prctl(2), PR_SET_PDEATHSIG; a caller that died before the request to the kernel is found by its number.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != caller:
        os._exit(1)


if __name__ == "__main__":
    _end_with(int(sys.argv[5]))
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
