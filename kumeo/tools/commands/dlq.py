"""`kumeo dlq`: dead letters, which are events that could not be handled."""

import base64
import json
from typing import TYPE_CHECKING, Any

import click

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, is_interactive, with_client
from kumeo.tools.running.shown import ID_SHOWN, as_json, cut, moment, table
from kumeo.tools.sources import count_words
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.engine.letters import Letter

_HELP = """List, show, retry and drop dead letters.

A dead letter is an event that could not be handled: it did not fit its source, or its handling
failed and nothing in the workflow took care of that. It stays until it is retried or dropped.

\b
  kumeo dlq list flow.kumeo
  kumeo dlq show flow.kumeo 5f0c        everything about one
  kumeo dlq retry flow.kumeo 5f0c       handle it once more, for instance after a correction
  kumeo dlq retry flow.kumeo --all --code timeout
  kumeo dlq drop flow.kumeo 5f0c        remove it for ever
"""


@click.group("dlq", help=_HELP, short_help="List, show, retry and drop dead letters.")
def command() -> None:
    """Hold the subcommands."""


@command.command("list", help="List the dead letters, oldest first.")
@asks
@click.option("--code", metavar="CODE", help="Only those with this reason.")
@click.option("-n", "count", default=1000, metavar="N", help="At most so many (1000).")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def list_letters(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    code: str | None,
    count: int,
    wants_json: bool,
) -> int:
    """List dead letters."""

    async def work(client: "RuntimeClient") -> int:
        letters = await found(client, code)
        if wants_json:
            console.write("".join(as_json(letter) + "\n" for letter in letters[:count]))
        elif letters:
            rows = [_row(letter) for letter in letters[:count]]
            console.write(table(["ID", "WHEN", "HANDLER", "CODE", "MESSAGE"], rows))
        else:
            console.write("there are no dead letters\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("show", help="Show a dead letter; a beginning of its ID is enough.")
@asks
@click.argument("id")
@click.pass_obj
def show(console: Console, workflow: str, nats: str | None, state: str, id: str) -> int:
    """Show one dead letter."""

    async def work(client: "RuntimeClient") -> int:
        letter = await _letter(console, client, id)
        if letter is None:
            return REJECTED
        console.write(json.dumps(_plain(letter), indent=2, ensure_ascii=False) + "\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("retry", help="Handle dead letters once more, as the same events.")
@asks
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Retry all of them.")
@click.option("--code", metavar="CODE", help="With --all: only those with this reason.")
@click.pass_obj
def retry(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    ids: tuple[str, ...],
    every: bool,
    code: str | None,
) -> int:
    """Retry dead letters."""
    _check_choice(ids, every)

    async def work(client: "RuntimeClient") -> int:
        letters = await _chosen(console, client, ids, every, code)
        if letters is None:
            return REJECTED
        for letter in letters:
            await client.retry(letter)
            console.write(f"sent {letter.id[:ID_SHOWN]} again\n")
        if not letters:
            console.write("there is nothing to retry\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("drop", help="Remove dead letters for ever; their events are not handled.")
@asks
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Drop all of them.")
@click.option("--code", metavar="CODE", help="With --all: only those with this reason.")
@click.option("-y", "--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    ids: tuple[str, ...],
    every: bool,
    code: str | None,
    is_sure: bool,
) -> int:
    """Drop dead letters."""
    _check_choice(ids, every)
    if not is_sure and not is_interactive():
        raise UsageError("nobody can be asked here", "add `--yes`: what is dropped is gone")

    async def work(client: "RuntimeClient") -> int:
        letters = await _chosen(console, client, ids, every, code)
        if letters is None:
            return REJECTED
        what = count_words(len(letters), "dead letter")
        if letters and not is_sure and not click.confirm(f"drop {what} for ever?", err=True):
            console.write("nothing is dropped\n")
            return DONE
        for letter in letters:
            await client.drop(letter)
        console.write(f"dropped {what}\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


def _check_choice(ids: tuple[str, ...], every: bool) -> None:
    if bool(ids) == every:
        raise click.UsageError("name the letters, or write `--all`", click.get_current_context())


async def _chosen(
    console: Console, client: "RuntimeClient", ids: tuple[str, ...], every: bool, code: str | None
) -> "list[Letter] | None":
    """Return the letters of a command line; None after one that does not exist."""
    letters = await found(client, code) if every else []
    for id in ids:
        letter = await _letter(console, client, id)
        if letter is None:
            return None
        letters.append(letter)
    return letters


async def found(client: "RuntimeClient", code: str | None) -> "list[Letter]":
    """Return the dead letters with a reason, or all; none while there is no stream of them."""
    if await client.shared.transport.stream_info(client.shared.names.journal) is None:
        return []
    letters = await client.letters(limit=1_000_000)
    return [letter for letter in letters if code in (None, letter.code)]


async def _letter(console: Console, client: "RuntimeClient", id: str) -> "Letter | None":
    letters = [letter for letter in await found(client, None) if letter.id.startswith(id)]
    if len(letters) == 1:
        return letters[0]
    from kumeo.tools.run_errors import NoSuchId

    what = "dead letter" if not letters else f"single one of the {len(letters)} dead letters"
    console.show([NoSuchId(None, what, id, f"kumeo dlq list {client.workflow.name}")])
    return None


def _row(letter: "Letter") -> list[str]:
    where = letter.handler + (f" ({letter.agent})" if letter.agent else "")
    return [letter.id[:ID_SHOWN], moment(letter.at_us), where, letter.code, cut(letter.message)]


def _plain(letter: "Letter") -> dict[str, Any]:
    """Return a letter as data; a body that is text is shown as text."""
    data: dict[str, Any] = json.loads(as_json(letter))
    data["at"] = moment(letter.at_us)
    body = base64.b64decode(letter.body or "")
    try:
        data["body"] = body.decode()
    except UnicodeDecodeError:
        data["body"] = {"base64": letter.body}
    return data
