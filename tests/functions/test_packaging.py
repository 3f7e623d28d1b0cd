"""Packages: the same bytes everywhere, everything that a handler needs, nothing of the machine that made them."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.functions import packaging
from mainstay.functions.imports import code_digest
from mainstay.functions.packaging import ARCHITECTURES, DRIVERS, FUNCTIONS, package

NAMES = sorted(function.name for function in FUNCTIONS)


@pytest.fixture(scope="module")
def packages() -> dict[str, packaging.Package]:
    return {name: package(name, "arm64") for name in NAMES}


def entries(made: packaging.Package) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.testzip() is None
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_another_process_in_another_place_makes_the_same_bytes(
    packages: dict[str, packaging.Package], tmp_path: Path
) -> None:
    code = (
        "from mainstay.functions.packaging import FUNCTIONS, package\n"
        "print([package(name, 'arm64').sha256 for name in sorted(function.name for function in FUNCTIONS)])"
    )
    paths = [str(Path(packaging.__file__).parents[2])]
    odd = {"PYTHONPATH": os.pathsep.join(paths), "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask(0o77)\n{code}"],
        env=odd,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ast.literal_eval(done.stdout) == [packages[name].sha256 for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_both_architectures_get_the_same_bytes_because_nothing_is_machine_code(
    packages: dict[str, packaging.Package], name: str
) -> None:
    assert {package(name, architecture).sha256 for architecture in ARCHITECTURES} == {packages[name].sha256}
    for path, content in entries(packages[name]).items():
        assert not path.endswith((".so", ".pyd", ".dylib", ".dll")), path
        assert not content.startswith((b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe")), path


def test_every_driver_s_wheel_calls_itself_pure() -> None:
    for name in DRIVERS:
        assert "Root-Is-Purelib: true" in (metadata.distribution(name).read_text("WHEEL") or "")


def test_the_drivers_are_both_and_all_that_they_require() -> None:
    needed, waiting = set(), ["pg8000", "PyMySQL"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            required = [text for text in metadata.requires(name) or () if "extra ==" not in text]
            waiting += [re.split(r"[^\w.-]", text)[0] for text in required]
    assert needed == set(DRIVERS)


@pytest.mark.parametrize("name", NAMES)
def test_entries_are_in_order_and_carry_nothing_of_the_machine(
    packages: dict[str, packaging.Package], name: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(packages[name].content)) as archive:
        listed = archive.infolist()
    names = [entry.filename for entry in listed]
    assert names == sorted(set(names))
    assert {(entry.date_time, entry.external_attr >> 16, entry.create_system) for entry in listed} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644, 3)
    }
    assert not [path for path in names if path.startswith("/") or ".." in path or path.endswith(".pyc")]
    assert not [path for path in names if path.endswith(("RECORD", "INSTALLER", "direct_url.json"))]
    here = [str(Path(packaging.__file__).parents[3]).encode(), str(Path.home()).encode() + b"/.cache"]
    assert not [path for path, content in entries(packages[name]).items() if any(part in content for part in here)]


OPENING = sorted(function.name for function in FUNCTIONS if function.opens_database)


def test_a_function_that_opens_no_database_has_no_driver(packages: dict[str, packaging.Package]) -> None:
    assert set(NAMES) - set(OPENING) == {"export"}
    assert all(path.startswith("mainstay/") for path in entries(packages["export"]))


@pytest.mark.parametrize("name", OPENING)
def test_every_driver_comes_with_its_licence(packages: dict[str, packaging.Package], name: str) -> None:
    licences = [path for path in entries(packages[name]) if Path(path).name.startswith("LICENSE")]
    for driver in DRIVERS:
        folder = driver.lower().replace("-", "_")
        assert any(path.lower().startswith(f"{folder}-") for path in licences), driver


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_all_that_its_handler_imports(
    packages: dict[str, packaging.Package], name: str, tmp_path: Path
) -> None:
    """Imported by a Python without any installed package; only boto3 is Lambda's own, so a stand-in is laid beside."""
    with zipfile.ZipFile(io.BytesIO(packages[name].content)) as archive:
        archive.extractall(tmp_path / "task")
    runtime = tmp_path / "runtime"
    (runtime / "botocore").mkdir(parents=True)
    (runtime / "boto3.py").write_text("")
    (runtime / "botocore" / "__init__.py").write_text("")
    (runtime / "botocore" / "config.py").write_text("def Config(**_): return None\n")
    (runtime / "botocore" / "exceptions.py").write_text(
        "class BotoCoreError(Exception): pass\nClientError = BotoCoreError\n"
    )
    module, _, handler = packages[name].handler.rpartition(".")
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path / 'task')!r}, {str(runtime)!r}]\n"
        f"import importlib; assert callable(importlib.import_module({module!r}).{handler})\n"
        "print([m.__file__ for m in sys.modules.values() if 'site-packages' in str(getattr(m, '__file__', ''))])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


def test_code_is_known_again_in_its_package_whatever_lies_beside_it(tmp_path: Path) -> None:
    made = package("validation", "arm64", {"manifest.json": b"{}"})
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        archive.extractall(tmp_path)
    module, root = "mainstay.functions.validation", tmp_path / "mainstay"
    assert code_digest(module, root) == code_digest(module)
    fingerprint = root / "probe" / "postgres" / "fingerprint.py"
    fingerprint.write_bytes(fingerprint.read_bytes() + b"\n")
    assert code_digest(module, root) != code_digest(module)


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_nothing_of_ours_that_its_handler_does_not_need(
    packages: dict[str, packaging.Package], name: str
) -> None:
    rooms = {Path(path).parts[1] for path in entries(packages[name]) if path.startswith("mainstay/")}
    assert rooms == {"__init__.py", "core", "functions", *(["probe"] if name in OPENING else [])}
    assert "mainstay/functions/packaging.py" not in entries(packages[name])


def test_the_digest_is_the_content_s_and_names_the_object(packages: dict[str, packaging.Package]) -> None:
    made = packages["rotation"]
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert made.key == f"rotation-{made.sha256}.zip"
    assert len(made.code_sha256) == 44
    assert made.handler == "mainstay.functions.rotation.handler"
    assert made.runtime == "python3.13"
    assert len({each.sha256 for each in packages.values()}) == len(packages)


def test_files_beside_the_code_are_packed_and_change_the_digest(packages: dict[str, packaging.Package]) -> None:
    made = package("validation", "x86_64", {"manifest.json": b"{}", "ca.pem": b"-"})
    assert entries(made) == {**entries(packages["validation"]), "manifest.json": b"{}", "ca.pem": b"-"}
    assert made.sha256 != packages["validation"].sha256


@pytest.mark.parametrize("name", ["../ca.pem", "/ca.pem", "mainstay/x", "six.py", "boto3.py", ""])
def test_a_file_that_would_stand_in_for_code_is_refused(name: str) -> None:
    with pytest.raises(InputRefused, match="cannot be packed"):
        package("rotation", "arm64", {name: b""})


@pytest.mark.parametrize(("name", "architecture"), [("rotate", "arm64"), ("rotation", "riscv64")])
def test_an_unknown_function_or_architecture_is_refused(name: str, architecture: str) -> None:
    with pytest.raises(InputRefused, match="no such function") as caught:
        package(name, architecture)
    assert "validation" in caught.value.hint
    assert "x86_64" in caught.value.hint


def test_a_package_at_the_limit_is_made_and_a_larger_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(package("rotation", "arm64").content)
    monkeypatch.setattr(packaging, "MOST_ZIPPED", size)
    package("rotation", "arm64")
    monkeypatch.setattr(packaging, "MOST_ZIPPED", size - 1)
    with pytest.raises(InputRefused, match="too large") as caught:
        package("rotation", "arm64")
    assert str(size) in caught.value.detail
    monkeypatch.setattr(packaging, "MOST_ZIPPED", size)
    monkeypatch.setattr(packaging, "MOST_UNZIPPED", 1000)
    with pytest.raises(InputRefused, match="too large"):
        package("rotation", "arm64")


@pytest.mark.parametrize(("driver", "told"), [("no-such-driver", "not installed"), ("psycopg-binary", "machine code")])
def test_a_driver_that_cannot_be_packed_is_named(monkeypatch: pytest.MonkeyPatch, driver: str, told: str) -> None:
    monkeypatch.setattr(packaging, "DRIVERS", (driver,))
    with pytest.raises(EnvironmentLacking, match=told):
        package("rotation", "arm64")


def test_a_driver_that_lists_no_files_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bare-1.0.dist-info").mkdir()
    (tmp_path / "bare-1.0.dist-info" / "METADATA").write_text("Name: bare\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packaging, "DRIVERS", ("bare",))
    with pytest.raises(EnvironmentLacking, match="does not list its files"):
        package("rotation", "arm64")
