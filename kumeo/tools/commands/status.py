"""`kumeo status`: does it run, and what waits where."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kumeo.tools.console import DONE, Console
from kumeo.tools.running.looking import Asked, asks, with_client
from kumeo.tools.running.shown import table
from kumeo.tools.running.state import StateFolder

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient, Status

_EXAMPLES = """Show whether a workflow runs, and what waits where.

WAITING are messages that no service has taken yet, UNDER WAY those that are taken and not done,
AGAIN those that came more than once.

\b
  kumeo status flow.kumeo
  kumeo status flow.kumeo --json | jq .dead_letters
"""


@click.command("status", help=_EXAMPLES, short_help="Show what waits where.")
@asks
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def command(console: Console, workflow: str, nats: str | None, state: str, as_json: bool) -> int:
    """Ask the store and tell."""

    async def work(client: "RuntimeClient") -> int:
        status = await client.status()
        runner = StateFolder(Path(state)).workflow(client.workflow.name).runner()
        if as_json:
            console.write(json_text(client, status, runner) + "\n")
        else:
            console.write(text(client, status, runner))
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


def text(client: "RuntimeClient", status: "Status", runner: int | None) -> str:
    """Return the state for people."""
    workflow = client.workflow
    where = "does not run here" if runner is None else f"runs in process {runner or 'unknown'}"
    rows: list[list[str]] = []
    for name, found in status.consumers.items():
        if found is None:
            rows.append([name, "-", "-", "-"])
        else:
            counts = (found.pending, found.unacknowledged, found.redelivered)
            rows.append([name, *(f"{count:,}" for count in counts)])
    streams = [
        [name, "-", "-"]
        if info is None
        else [name, f"{info.messages:,}", f"{info.bytes / 1024:,.0f} KiB"]
        for name, info in status.streams.items()
    ]
    return (
        f"{workflow.name} {workflow.version[:12]} {where}\n\n"
        + table(["HANDLER", "WAITING", "UNDER WAY", "AGAIN"], rows)
        + "\n"
        + table(["STREAM", "MESSAGES", "SIZE"], streams)
        + f"\ndead letters: {status.dead_letters:,}\nopen tasks: {status.open_tasks:,}\n"
        + "".join(f"config {name}: {value}\n" for name, value in status.config.items())
    )


def json_text(client: "RuntimeClient", status: "Status", runner: int | None) -> str:
    """Return the state for programs."""
    import json

    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(status)
    head = {"workflow": client.workflow.name, "version": client.workflow.version, "process": runner}
    return json.dumps({**head, **found}, indent=2, default=str)
