"""The command line. A command parses, calls the function of the same name in `mainstay.api`, and shows the result."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from mainstay import __version__
from mainstay.cli.commands import COMMANDS, GROUPS
from mainstay.core.errors import InputRefused, MainstayError

# Typer publishes its usage errors only through this one; the others (unknown option, missing argument) are its kin.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
_BUG = 70
_INTERRUPTED = 130


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"mainstay {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The application: every command of `COMMANDS`, every group of `GROUPS`."""
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

    for command in COMMANDS:
        app.command()(command)
    for name, (about, commands) in GROUPS.items():
        group = typer.Typer(name=name, help=about, no_args_is_help=True)
        for command in commands:
            group.command()(command)
        app.add_typer(group)
    return app


def main() -> None:
    """Run the command that was typed; every way out is an exit code of core.errors."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of a command line."""
    try:
        return int(build()(arguments, standalone_mode=False, prog_name="mainstay") or 0)
    except MainstayError as error:
        _tell(error, as_json="--json" in arguments)
        return error.exit_code
    except _UsageError as error:
        error.show()  # type: ignore[attr-defined]  # see _UsageError
        return InputRefused.exit_code
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("stopped", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 the last net: a bug gets a message and an exit code of its own
        return _confess(error)


def _tell(error: MainstayError, *, as_json: bool) -> None:
    from mainstay.cli.views.errors import error_view  # lazy: rich is not needed when nothing went wrong

    error_view(error)
    if as_json:
        from mainstay.cli.answer import write_json  # lazy, as above

        write_json({"error": error.as_json()})


def _confess(error: Exception) -> int:
    typer.echo(f"mainstay has a bug: {type(error).__name__}: {error}", err=True)
    if os.environ.get("MAINSTAY_DEBUG"):
        traceback.print_exception(error)
    else:
        typer.echo("  hint: run it again with MAINSTAY_DEBUG=1 and report what it prints", err=True)
    return _BUG
