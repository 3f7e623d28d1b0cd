"""Files that somebody points at: read whole and within bounds, or refused by name."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused

# A plan of Terraform shows everything several times over; templates have a bound of their own.
MOST_BYTES: Final = 32 * 2**20
# Each of them takes 64 bytes and more once it is read; a plan of 5,000 resources has a tenth of it.
MOST_MEMBERS: Final = 1_000_000
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ARCHIVE: Final = b"PK\x03\x04"
_SPECS: Final = ("database.yaml", "database.yml")
# ELOOP and ENAMETOOLONG are named by the system as well as we could.
_PERMISSIONS: Final = "check its name and its permissions"


def read_text(source: Path) -> str:
    """A file's text with line feeds for line ends; InputRefused says why it cannot be read."""
    try:
        content = _content(source)
    except FileNotFoundError:
        hint = "`mainstay init` writes a first database.yaml" if source.name in _SPECS else "look at the path"
        raise InputRefused("no such file", detail=f"{source} does not exist.", hint=hint) from None
    except OSError as error:
        raise InputRefused(
            "file cannot be read", detail=f"{source}: {error.strerror or error}.", hint=_PERMISSIONS
        ) from None
    except ValueError as error:  # a name that no system takes
        raise InputRefused("file cannot be read", detail=f"{source!r}: {error}.", hint=_PERMISSIONS) from None
    text = _decoded(content, source)
    members = text.count("{") + text.count("[")
    if members > MOST_MEMBERS:
        raise InputRefused(
            "file too large",
            detail=f"{source} opens {members:,} mappings and lists; {MOST_MEMBERS:,} are read.",
            hint="check its parts on their own",
        )
    return text


def is_file(path: Path) -> bool:
    """Whether there is a plain file; False where nobody can look."""
    try:
        return path.is_file()
    except OSError:
        return False


def _content(source: Path) -> bytes:
    mode = source.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InputRefused("not a file", detail=f"{source} is a directory.", hint=_what_to_name(source))
    if not stat.S_ISREG(mode):
        # A pipe that nobody writes to would be waited for, and a device has no end.
        raise InputRefused(
            "not a file",
            detail=f"{source} is a pipe, a socket or a device.",
            hint="write its content to a file, and name that",
        )
    with source.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputRefused(
            "file too large",
            detail=f"{source} has more than {MOST_BYTES:,} bytes; AWS takes templates of up to 1 MB.",
            hint="point at a spec or a single template",
        )
    return content


def _decoded(content: bytes, source: Path) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused(
            "not a text file", detail=f"{source} is not UTF-8 at byte {error.start}.", hint=_how_to_save(content)
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _how_to_save(content: bytes) -> str:
    if content.startswith(_ARCHIVE):
        return "if it is a plan of Terraform, name what it shows: terraform show -json tfplan > tfplan.json"
    return "it looks like UTF-16: save it as UTF-8" if content.startswith(_UTF_16) else "save it as UTF-8 text"


def _what_to_name(folder: Path) -> str:
    if is_file(folder / "cdk.json"):
        return f"let the CDK write its templates with cdk synth, and name {folder / 'cdk.out'}"
    if any(folder.glob("*.tf")):
        return (
            "show the module as a plan: terraform plan -out tfplan && terraform show -json tfplan > tfplan.json, and "
            "name tfplan.json"
        )
    return f"name the file in it, such as {folder}/database.yaml"
