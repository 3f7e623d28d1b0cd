"""The process in which a function runs in the sandbox, as Lambda's runtime would run it: one call after the other.

Started by `lambda_launch` with the unpacked code, the region and the sandbox; requests come as lines of JSON. The
seam is installed as boto3's default session, so that the handler's clients are answered here; the handler, its
drivers and our modules beside it come out of the package, never out of the installation. Each answer is a line of
JSON: how long the handler took, its `result` or `error`, and whether the next request may come. Whatever the handler
writes goes to the log.
"""

from __future__ import annotations

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

from mainstay.engines.bound import attach
from mainstay.sandbox import seam

# The rooms of ours that are packed whole as far as a handler needs them.
PACKED: Final = ("mainstay.functions", "mainstay.probe")
LIBRARY: Final = (Path(os.__file__).parent, Path(os.__file__).parent / "lib-dynload")
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


def main(root: Path, region: str, sandbox: Path) -> None:
    """Answer requests until there are no more; who holds the other end may end this process at any time."""
    channel = attach()
    seam.install(sandbox, region)
    _take_from(root)
    os.chdir(root)
    with channel.makefile("r", encoding="utf-8") as requests:
        for line in requests:
            stays, answer = _handled(json.loads(line))
            channel.sendall(answer.encode() + b"\n")
            if not stays:
                return


def _handled(request: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the environment can take another call, and the line that answers this one."""
    _limit_memory(request["memory_mib"])
    # The kernel ends this process at the handler's deadline, whatever the handler is doing.
    signal.setitimer(signal.ITIMER_REAL, request["timeout_s"])
    begun = time.monotonic()
    stays, answer = _answer(request)
    signal.setitimer(signal.ITIMER_REAL, 0)
    told = {"duration_s": time.monotonic() - begun, "stays": stays}
    return stays, f'{json.dumps(told)[:-1]}, "answer": {answer}}}'


# Any: whatever the handler answers.
def _answer(request: Mapping[str, Any]) -> tuple[bool, str]:
    module, _, name = request["handler"].rpartition(".")
    context = Context(
        request["function_name"],
        request["memory_mib"],
        request["request_id"],
        time.monotonic() + request["timeout_s"],
        **request["about"],
    )
    try:
        result = getattr(importlib.import_module(module), name)(request["event"], context)
        return True, json.dumps({"result": result})
    except Exception as error:  # noqa: BLE001  Lambda tells the caller whatever a handler raises
        traceback.print_exc()
        told = {"errorMessage": str(error), "errorType": type(error).__name__}
        answer = json.dumps({"error": {**told, "stackTrace": traceback.format_tb(error.__traceback__)}})
        # Where Lambda ends an environment too: its code could not be loaded, or its memory was not enough.
        return module in sys.modules and not isinstance(error, MemoryError), answer


def _take_from(root: Path) -> None:
    """Let imports find the package and Python's own library, and its rooms nowhere else.

    Whatever else this machine has, Lambda has not, but for boto3 and what that needs, which are loaded by now.
    """
    for loaded in [name for name in sys.modules if name.startswith(PACKED)]:
        del sys.modules[loaded]
    sys.path[:] = [str(root), *(each for each in sys.path if Path(each) in LIBRARY)]
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
