"""`kumeo publish`: send events to a source."""

import asyncio
from typing import TYPE_CHECKING

import click

from kumeo.diagnostics import Diagnostic
from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, choose, only, with_client

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.spec import Source

_TOGETHER = 256

_EXAMPLES = """Send events to a source of a workflow.

EVENT is a JSON value; `-`, or nothing, reads one from each line of standard input. What is sent
is stored: it is handled now if the workflow runs, else when it runs next. An event with an --id
that was sent before has no effect.

\b
  kumeo publish flow.kumeo source '{ "tx_id": "1", "amount": 12.5 }'
  kumeo publish flow.kumeo source '{ "tx_id": "1", "amount": 12.5 }' --id tx-1
  kumeo publish Orders source - < events.jsonl
"""


@click.command("publish", help=_EXAMPLES, short_help="Send events to a source.")
@asks
@click.argument("source", metavar="[SOURCE]", required=False)
@click.argument("event", metavar="[EVENT]", required=False)
@click.option("--id", "event_id", metavar="ID", help="Identity of the event.")
@click.option("--unchecked", is_flag=True, help="Send also what does not fit the source.")
@click.pass_obj
def command(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    source: str | None,
    event: str | None,
    event_id: str | None,
    unchecked: bool,
) -> int:
    """Check each event and store it."""
    is_stream = event in (None, "-")
    if is_stream and event_id is not None:
        raise click.UsageError("`--id` is for one event", click.get_current_context())

    async def work(client: "RuntimeClient") -> int:
        known = {each.name: each for each in client.workflow.sources}
        name = only(list(known), "SOURCE") if source is None else choose(source, [*known], "source")
        sender = Sender(console, client, known[name], unchecked)
        if not is_stream:
            return await sender.send_one((event or "").encode("utf-8", "surrogateescape"), event_id)
        return await sender.send_lines()

    return with_client(console, Asked(workflow, nats, state), work)


class Sender:
    """Sends events to one source."""

    def __init__(
        self, console: Console, client: "RuntimeClient", source: "Source", unchecked: bool
    ) -> None:
        self._console = console
        self._client = client
        self._source = source
        self._unchecked = unchecked

    async def send_one(self, event: bytes, event_id: str | None) -> int:
        """Send an event and tell its id."""
        fault = None if self._unchecked else self._fault(event)
        if fault is not None:
            self._console.show([fault])
            return REJECTED
        accepted = await self._client.publish(self._source.name, event, id=event_id)
        from kumeo_runtime.ids import stored_id

        created = self._client.shared.created.get(accepted.stream, "")
        known = event_id or stored_id(created, accepted.seq)
        note = " (it was there already)" if accepted.duplicate else ""
        self._console.write(f"stored event {known}{note}\n")
        return DONE

    async def send_lines(self) -> int:
        """Send each line of standard input; lines that do not fit are told and left out."""
        sent = refused = 0
        batch: list[bytes] = []
        for number, raw in enumerate(self._console.stdin_bytes(), 1):
            event = raw.rstrip(b"\r\n")
            if not event.strip():
                continue
            fault = None if self._unchecked else self._fault(event, number)
            if fault is not None:
                refused += 1
                self._console.show([fault])
                continue
            batch.append(event)
            if len(batch) == _TOGETHER:
                sent += await self._send(batch)
        sent += await self._send(batch)
        rest = f", refused {refused}" if refused else ""
        self._console.write(f"stored {sent} event{'s' * (sent != 1)}{rest}\n")
        return REJECTED if refused else DONE

    async def _send(self, batch: list[bytes]) -> int:
        await asyncio.gather(*(self._client.publish(self._source.name, each) for each in batch))
        count = len(batch)
        batch.clear()
        return count

    def _fault(self, event: bytes, line: int | None = None) -> Diagnostic | None:
        from kumeo_runtime.values import Failure, json_decoder

        from kumeo.diagnostics import Point
        from kumeo.tools.run_errors import EventTooLarge, InvalidEvent

        place = None if line is None else Point("<stdin>", line, 1)
        limit = self._client.shared.transport.max_payload
        if len(event) > limit:
            return EventTooLarge(place, f"{len(event):,}", f"{limit:,}")
        found = json_decoder(self._source.type).decode(event)
        if not isinstance(found, Failure):
            return None
        return InvalidEvent(place, self._source.name, found.message)
