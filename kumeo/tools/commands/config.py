"""`kumeo config`: entries of the configuration, and changes while a workflow runs."""

import json
from typing import TYPE_CHECKING, Any

import click

from kumeo.tools.console import DONE, Console
from kumeo.tools.running.looking import Asked, asks, choose, with_client
from kumeo.tools.running.shown import moment, table

if TYPE_CHECKING:
    from kumeo_runtime.client import Entry, RuntimeClient

_HELP = """Look at the configuration of a workflow, and change it while it runs.

Entries with `dynamic: true` change without a restart, for events that are stored five seconds
later or more, in all processes at once. The others are set when it starts, by
`kumeo run --config NAME=VALUE`.

\b
  kumeo config list flow.kumeo
  kumeo config get flow.kumeo limit
  kumeo config set flow.kumeo limit 20.0
"""


@click.group("config", help=_HELP, short_help="Look at and change the configuration.")
def command() -> None:
    """Hold the subcommands."""


@command.command("list", help="List the entries with their values.")
@asks
@click.option("--json", "wants_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def list_entries(
    console: Console, workflow: str, nats: str | None, state: str, wants_json: bool
) -> int:
    """List the entries."""

    async def work(client: "RuntimeClient") -> int:
        entries = await client.entries()
        if wants_json:
            plain = {name: _plain(entry) for name, entry in entries.items()}
            console.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
        elif entries:
            rows = [_row(name, entry) for name, entry in entries.items()]
            console.write(table(["NAME", "VALUE", "CHANGES", "SET"], rows))
        else:
            console.write("the workflow has no `config`\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("get", help="Write the value of an entry as JSON.")
@asks
@click.argument("name")
@click.pass_obj
def get(console: Console, workflow: str, nats: str | None, state: str, name: str) -> int:
    """Write one value."""

    async def work(client: "RuntimeClient") -> int:
        entries = await client.entries()
        choose(name, list(entries), "config entry")
        console.write(json.dumps(entries[name].value, ensure_ascii=False) + "\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("set", help="Change a dynamic entry; the VALUE is JSON, or text.")
@asks
@click.argument("name")
@click.argument("value")
@click.pass_obj
def set_entry(
    console: Console, workflow: str, nats: str | None, state: str, name: str, value: str
) -> int:
    """Change one value."""
    from kumeo.tools.commands.run import config_values

    async def work(client: "RuntimeClient") -> int:
        given = config_values(client.workflow, (f"{name}={value}",))[name]
        await client.configure(name, given)
        entry = (await client.entries())[name]
        since = "" if entry.since_us is None else f", for events from {moment(entry.since_us)} on"
        console.write(f"{name} = {json.dumps(entry.value, ensure_ascii=False)}{since}\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


def _plain(entry: "Entry") -> dict[str, Any]:
    since = None if entry.since_us is None else moment(entry.since_us)
    return {"value": entry.value, "dynamic": entry.is_dynamic, "since": since}


def _row(name: str, entry: "Entry") -> list[str]:
    since = "-" if entry.since_us is None else f"from {moment(entry.since_us)}"
    changes = "while it runs" if entry.is_dynamic else "at the start"
    return [name, json.dumps(entry.value, ensure_ascii=False), changes, since]
