"""`mainstay sandbox up`, `down` and `status`."""

from __future__ import annotations

from mainstay import api
from mainstay.cli import options


def up(as_json: options.AsJson = False) -> None:
    """Start the sandbox of this directory; commands with --sandbox start it by themselves, too."""
    from mainstay.cli import answer  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.sandbox import status_view  # lazy, as above

    with answer.progress() as progress:
        result = api.sandbox_up(where=options.where(True, None, None), progress=progress)
    answer.show(result, status_view, as_json=as_json)


def down(as_json: options.AsJson = False) -> None:
    """Stop every server of the sandbox, delete its data, and prove that nothing is left."""
    from mainstay.cli import answer  # lazy, as above
    from mainstay.cli.views.sandbox import down_view  # lazy, as above

    with answer.progress() as progress:
        result = api.sandbox_down(where=options.where(True, None, None), progress=progress)
    answer.show(result, down_view, as_json=as_json)


def status(as_json: options.AsJson = False) -> None:
    """Show what the sandbox runs: instances, servers, lag, restorable time, stacks. Starts nothing."""
    from mainstay.cli import answer  # lazy, as above
    from mainstay.cli.views.sandbox import status_view  # lazy, as above

    answer.show(api.sandbox_status(where=options.where(True, None, None)), status_view, as_json=as_json)
