"""`kumeo tail`: what targets get, what edges hold, what has failed."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kumeo.tools.console import DONE, Console
from kumeo.tools.running.looking import Asked, asks, choose, with_client
from kumeo.tools.running.shown import moment, payload

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.spec import Edge
    from kumeo_runtime.transport.api import Stored

_POLL_S = 0.3
_BEFORE = 2000
"""How far back the last messages are looked for, in messages of the stream."""

_EXAMPLES = """Show the last values that targets got.

A NAME is a target or an edge; without one all targets are shown. With -f it goes on until
Ctrl-C. The id in a line is the one of the event: `kumeo trace` shows its path.

\b
  kumeo tail flow.kumeo
  kumeo tail flow.kumeo alerts -n 50
  kumeo tail flow.kumeo --edges -f
  kumeo tail flow.kumeo --dead-letters
  kumeo tail flow.kumeo --json | jq .value
"""


@dataclass(frozen=True)
class Tap:
    """Something that can be looked at."""

    name: str
    stream: str
    subject: str
    read: "Callable[[Stored], Any]"
    """The value of a message as text of JSON."""


@click.command("tail", help=_EXAMPLES, short_help="Show what targets get.")
@asks
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--edges", is_flag=True, help="Show messages between services.")
@click.option("--dead-letters", is_flag=True, help="Show what has failed.")
@click.option("-n", "count", default=10, metavar="N", help="How many of the last ones (10).")
@click.option("-f", "--follow", is_flag=True, help="Go on with new ones.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def command(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    names: tuple[str, ...],
    edges: bool,
    dead_letters: bool,
    count: int,
    follow: bool,
    as_json: bool,
) -> int:
    """Read the ends of streams."""

    async def work(client: "RuntimeClient") -> int:
        taps = await taps_of(client, names, edges, dead_letters)
        tail = Tail(console, client, taps, as_json)
        await tail.last(count)
        while follow:
            await asyncio.sleep(_POLL_S)
            await tail.more()
        return DONE

    try:
        return with_client(console, Asked(workflow, nats, state), work)
    except KeyboardInterrupt:
        return DONE


async def taps_of(
    client: "RuntimeClient", wanted: tuple[str, ...], edges: bool, dead_letters: bool
) -> list[Tap]:
    """Return what is to be shown."""
    names, workflow = client.shared.names, client.workflow
    found: dict[str, Tap] = {}
    for target in workflow.targets:
        subject = names.target_subject(target)
        stream = await client.shared.transport.stream_of(subject) or names.outputs
        found[target.name] = Tap(target.name, stream, subject, lambda m: payload(m.payload))
    targets = list(found)
    for edge in workflow.edges:
        if not edge.is_parked:
            subject = f"{names.edge(edge)}*.*"
            found[edge.name] = Tap(edge.name, names.edges, subject, _edge_reader(edge))
    chosen = [choose(name, list(found), "target or edge") for name in wanted]
    if edges:
        chosen += [name for name in found if name not in targets]
    if not chosen and not dead_letters:
        chosen = targets
    taps = [found[name] for name in dict.fromkeys(chosen)]
    if dead_letters:
        subject = f"{names.prefix}.d.>"
        taps.append(Tap("dead letter", names.journal, subject, _letter_text))
    return taps


def _edge_reader(edge: "Edge") -> "Callable[[Stored], str]":
    from kumeo_runtime.tracing import edge_value

    return lambda message: json.dumps(edge_value(edge, message.payload), ensure_ascii=False)


def _letter_text(message: "Stored") -> str:
    letter: dict[str, Any] = json.loads(message.payload)
    kept = {key: letter.get(key) for key in ("id", "code", "message", "handler", "event")}
    return json.dumps(kept, ensure_ascii=False)


class Tail:
    """Shows messages in the order in which they were stored."""

    def __init__(
        self, console: Console, client: "RuntimeClient", taps: list[Tap], as_json: bool
    ) -> None:
        self._console = console
        self._client = client
        self._taps = taps
        self._as_json = as_json
        self._next: dict[Tap, int] = {}

    async def last(self, count: int) -> None:
        """Show the last messages of all taps together."""
        transport = self._client.shared.transport
        found: list[tuple[Stored, Tap]] = []
        for tap in self._taps:
            info = await transport.stream_info(tap.stream)
            last = 0 if info is None else info.last_seq
            self._next[tap] = max(1, last - _BEFORE)
            if info is not None:
                found += await self._read(tap)
        self._show(sorted(found, key=_order)[-count:] if count > 0 else [])

    async def more(self) -> None:
        """Show what has come since."""
        found = [each for tap in self._taps for each in await self._read(tap)]
        self._show(sorted(found, key=_order))

    async def _read(self, tap: Tap) -> "list[tuple[Stored, Tap]]":
        if await self._client.shared.transport.stream_info(tap.stream) is None:
            return []
        messages = [m async for m in self._client.all(tap.stream, tap.subject, self._next[tap])]
        if messages:
            self._next[tap] = messages[-1].seq + 1
        return [(message, tap) for message in messages]

    def _show(self, found: "list[tuple[Stored, Tap]]") -> None:
        for message, tap in found:
            headers = message.headers or {}
            event = headers.get("Kumeo-Event") or headers.get("Kumeo-Id", "")
            self._console.write(self._line(message, tap, event))
        self._console.stdout.flush()

    def _line(self, message: "Stored", tap: Tap, event: str) -> str:
        value = tap.read(message)
        at = moment(message.stored_us)
        if not self._as_json:
            style = self._console.style
            return f"{style(at, 'dim')} {style(tap.name, 'bold')} {event} {value}\n"
        head = json.dumps({"at": at, "name": tap.name, "event": event}, ensure_ascii=False)
        return f'{head[:-1]}, "value": {_json_text(value)}}}\n'


def _order(found: "tuple[Stored, Tap]") -> tuple[int, int]:
    return found[0].stored_us, found[0].seq


def _json_text(value: str) -> str:
    try:
        json.loads(value)
    except ValueError:
        return json.dumps(value)
    return value
