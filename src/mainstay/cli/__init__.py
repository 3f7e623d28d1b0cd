"""The command line. A command parses, calls the function of the same name in `mainstay.api`, and shows the result."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import typer

from mainstay import __version__
from mainstay.cli.commands import COMMANDS, GROUPS, load
from mainstay.core.errors import EnvironmentLacking, InputRefused, Interrupted, MainstayError
from mainstay.ops.interrupts import catching_signals

# Typer publishes its usage errors only through this one; the others (unknown option, missing argument) are its kin.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
# What a place that is full, closed, read-only or taken by something else answers to whoever writes there.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE})
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_TAKEN = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})
# Python looks for cycles whenever 700 objects are new: a hundred times while a command and its rules are loaded, which
# is a twentieth of a check, and finds next to none.
_NEW_OBJECTS: Final = 20_000


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"mainstay {__version__}")
        raise typer.Exit


def build(arguments: Sequence[str] = ()) -> typer.Typer:
    """The application: the command or group that the arguments begin with; every one where they begin otherwise.

    Typer reads the signatures of all commands that it is given before it runs one.
    """
    asked = set(arguments[:1]) & {*COMMANDS, *GROUPS} or {*COMMANDS, *GROUPS}
    app = typer.Typer(
        name="mainstay",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="Describe a production database once. Mainstay compiles it, refuses the mistakes that AWS would accept, "
        "deploys it, and keeps proving that it can be restored.",
    )

    @app.callback()
    def _root(
        version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
    ) -> None:
        pass

    for name in COMMANDS:
        if name in asked:
            app.command()(load(name))
    for name, (about, commands) in GROUPS.items():
        if name in asked:
            group = typer.Typer(name=name, help=about, no_args_is_help=True)
            for command in commands:
                group.command()(load(command, group=name))
            app.add_typer(group)
    return app


def main() -> None:
    """Run the command that was typed; every way out is an exit code of core.errors."""
    gc.set_threshold(_NEW_OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a character shows its escape: no message is lost to an encoding.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of a command line. SIGTERM stops a command as Ctrl-C does, in an orderly way."""
    as_json = "--json" in arguments
    try:
        with catching_signals():
            code = int(build(arguments)(arguments, standalone_mode=False, prog_name="mainstay") or 0)
        if code != Interrupted.exit_code:
            return code
        return _tell(_as_stop(KeyboardInterrupt()), as_json=as_json)  # Typer swallows it, and answers its code
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 the last net: see _as_stop
        if isinstance(error, _UsageError) and type(error).__name__ == "NoArgsIsHelpError" and not as_json:
            error.show()  # type: ignore[attr-defined]  # see _UsageError
            return InputRefused.exit_code
        return _tell(_as_stop(error), as_json=as_json)


def _as_stop(error: BaseException) -> MainstayError:
    if isinstance(error, MainstayError):
        return error
    if isinstance(error, _UsageError):
        return _misused(error)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Interrupted("stopped", hint="run the same command again to go on")
    if isinstance(error, OSError) and error.errno in _FULL | _CLOSED | _TAKEN:
        return EnvironmentLacking(
            "this machine refused",
            detail=f"{error.filename or 'A file'}: {error.strerror}.",
            hint="make room there or correct its permissions, and run it again",
        )
    return _confession(error)


def _tell(error: MainstayError, *, as_json: bool) -> int:
    from mainstay.cli.views.errors import error_view  # lazy: rich is not needed when nothing went wrong

    error_view(error)
    if as_json:
        from mainstay.cli.answer import write_json  # lazy, as above

        write_json({"error": error.as_json()})
    return error.exit_code


def _misused(error: Exception) -> InputRefused:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "mainstay")
    said = error.format_message()  # type: ignore[attr-defined]  # see _UsageError
    return InputRefused("arguments not understood", detail=said, hint=f"{path} --help shows what it takes")


def _confession(error: BaseException) -> MainstayError:
    hint = "run it again with MAINSTAY_DEBUG=1 and report what it prints"
    if os.environ.get("MAINSTAY_DEBUG"):
        traceback.print_exception(error)
        hint = "report what stands above"
    return MainstayError("mainstay has a bug", detail=f"{type(error).__name__}: {error}", hint=hint)
