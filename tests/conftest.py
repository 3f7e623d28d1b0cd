"""For every test: the data of servers lies in memory where there is plenty, and what takes longest begins first.

Whole runs make and remove tens of gigabytes of data directories, which takes longer than the tests on a slow disk.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests.compiling import compile_share
from tests.measuring import children_measured, leave_unmeasured, measured

_MEMORY = Path("/dev/shm")
_PLENTY = 4 * 2**30
_TESTS = Path(__file__).parent

# A file is one worker's (`--dist loadfile`): one of these that began last would leave the others without work, and
# their waiting for servers is the computing time of the rest. Longest first, as measured on 2026-11-21.
LONGEST = (
    "ops/drill/test_mysql_drill.py",
    "ops/test_generation.py",
    "ops/drill/test_run.py",
    "ops/drill/test_aws_drill.py",
    "ops/takeover/test_takeover_run.py",
    "ops/drill/test_adopting.py",
    "ops/failover/test_failover_run.py",
    "api/test_self_test.py",
    "api/test_functions_of_designs.py",
    "cli/test_demo.py",
    "bench/test_checks_compared.py",
    "cli/test_commands.py",
    "sandbox_supervisor/test_replications.py",
    "bench/test_failover_bench.py",
    "ops/drill/test_targets.py",
    "functions/test_heartbeat.py",
    "sandbox_supervisor/test_mariadb.py",
    "sandbox_supervisor/test_resuming.py",
    "ops/test_destroy.py",
    "functions/test_rotation.py",
    "sandbox_supervisor/test_sandbox_proxies.py",
    "cli/test_two_regions.py",
    "sandbox_supervisor/test_restoring.py",
    "ops/test_deploy.py",
    "sandbox_supervisor/test_rotating.py",
    "functions/test_in_the_sandbox.py",
    "ops/test_restore.py",
    "formats/cloudformation/test_cfn_lint.py",
    "plan/passes/test_passes_recovery.py",
    "api/test_ha_blueprint.py",
    "api/test_nested_deploy.py",
    "api/test_proxy_blueprint.py",
    "api/test_managed_password.py",
    "api/test_history.py",
    "ops/test_destroy_regions.py",
    "ops/verify/test_verify_recovery.py",
    "ops/verify/test_verify.py",
    "plan/passes/test_passes_rotation.py",
    "plan/passes/test_passes_validation.py",
    "functions/test_validation.py",
    "sandbox_supervisor/test_down.py",
    "sandbox_supervisor/test_trouble.py",
)
_PLACES = {_TESTS / name: place for place, name in enumerate(LONGEST)}

# A change is judged by the same examples each time; looking for new ones is what `python -m bench.fuzz` is for.
with contextlib.suppress(ImportError):  # the constructs' environment goes without
    from hypothesis import settings

    settings.register_profile("steady", derandomize=True, deadline=None)
    settings.load_profile("steady")

if "MAINSTAY_DATA_ROOT" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _PLENTY:
    os.environ["MAINSTAY_DATA_ROOT"] = str(_MEMORY)


# Keys that sign evidence are made where programs keep what outlives them; those of tests do not outlive the tests.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="mainstay-state-")


def _forget_keys(made: str, by: int) -> None:
    if os.getpid() == by:  # a child that was forked runs this, too
        shutil.rmtree(made, ignore_errors=True)


atexit.register(_forget_keys, os.environ["XDG_STATE_HOME"], os.getpid())


def pytest_configure(config: pytest.Config) -> None:
    leave_unmeasured(config)
    compile_share(config)


@pytest.fixture(scope="module", autouse=True)
def _measured_children(request: pytest.FixtureRequest) -> Iterator[None]:
    with children_measured(request.path.relative_to(_TESTS).as_posix()):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    with measured(f"{pyfuncitem.path.relative_to(_TESTS).as_posix()}::{pyfuncitem.name}"):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _PLACES.get(item.path, len(_PLACES)))


def pytest_collection_finish() -> None:
    # Ten thousand tests and every library they use stay to the end; looking through them again and again for garbage
    # takes a tenth of the time.
    gc.collect()
    gc.freeze()
