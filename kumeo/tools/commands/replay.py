"""`kumeo replay`: send stored events again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from kumeo.tools.console import DONE, Console
from kumeo.tools.running.looking import Asked, asks, choose, only, with_client

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.spec import Source
    from kumeo_runtime.transport.api import Stored

_EXAMPLES = """Send stored events of a source again.

They become new events, whose results are new results: the way to run old events through a changed
workflow. With --same-ids they stay the same events: only results that are missing are made, as
after a fault. Events are kept while somebody has still to read them, and some minutes longer; a
JetStream source keeps them as long as its stream does. For dead letters see `kumeo dlq retry`.

\b
  kumeo replay flow.kumeo --last 100
  kumeo replay flow.kumeo source --from 2000 --to 2999      by sequence of the stream
  kumeo replay flow.kumeo --since 10                        of the last ten minutes
  kumeo replay flow.kumeo --last 1 --same-ids
  kumeo replay flow.kumeo --last 100 --dry-run              only count them
"""


@dataclass(frozen=True)
class Range:
    """Which events."""

    first: int | None
    last: int | None
    since_min: float | None
    count: int | None


@click.command("replay", help=_EXAMPLES, short_help="Send stored events again.")
@asks
@click.argument("source", metavar="[SOURCE]", required=False)
@click.option("--from", "first", type=click.IntRange(1), metavar="N", help="First sequence.")
@click.option("--to", "last", type=click.IntRange(1), metavar="N", help="Last sequence.")
@click.option("--since", type=click.FloatRange(min=0), metavar="MIN", help="Only so many minutes.")
@click.option("--last", "count", type=click.IntRange(1), metavar="N", help="The last N events.")
@click.option("--same-ids", is_flag=True, help="As the same events.")
@click.option("--dry-run", is_flag=True, help="Send nothing; count.")
@click.pass_obj
def command(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    source: str | None,
    first: int | None,
    last: int | None,
    since: float | None,
    count: int | None,
    same_ids: bool,
    dry_run: bool,
) -> int:
    """Find the events and publish them."""
    wanted = Range(first, last, since, count)
    if wanted == Range(None, None, None, None):
        raise click.UsageError(
            "which events? write `--last`, `--since`, `--from` or `--to`",
            click.get_current_context(),
        )

    async def work(client: "RuntimeClient") -> int:
        known = {each.name: each for each in client.workflow.sources}
        name = only(list(known), "SOURCE") if source is None else choose(source, [*known], "source")
        chosen = await client.source(name)
        events = [event async for event in stored(client, chosen, wanted)]
        events = events[-count:] if count is not None else events
        if not dry_run:
            await send(client, chosen, events, same_ids)
        done = "would send" if dry_run else "sent"
        console.write(f"{done} {len(events)} event{'s' * (len(events) != 1)} again\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


async def stored(
    client: "RuntimeClient", source: "Source", wanted: Range
) -> "AsyncIterator[Stored]":
    """Yield the events of a range that are there now."""
    stream, subject = client.shared.source_streams[source.name]
    info = await client.shared.transport.stream_info(stream)
    end = 0 if info is None else info.last_seq
    end = end if wanted.last is None else min(end, wanted.last)
    start_us = 0
    if wanted.since_min is not None:
        import time

        start_us = time.time_ns() // 1000 - int(wanted.since_min * 60e6)
    async for message in client.all(stream, subject, wanted.first or 1):
        if message.seq > end:
            return
        if message.stored_us >= start_us:
            yield message


async def send(
    client: "RuntimeClient", source: "Source", events: "list[Stored]", same_ids: bool
) -> None:
    """Publish events again, as the same ones or as new ones."""
    from kumeo_runtime.engine.openers import TIME_HEADER
    from kumeo_runtime.tracing import id_of

    mark, kept = uuid4().hex[:8], ("traceparent", TIME_HEADER)
    stream, _ = client.shared.source_streams[source.name]
    created = client.shared.created.get(stream, "")
    for event in events:
        known = id_of(event.headers, created, event.seq)
        headers = {k: v for k, v in (event.headers or {}).items() if k in kept}
        if same_ids:
            # The store must take it as a message of its own; the engine knows it as the same event.
            headers |= {"Kumeo-Id": known, "Nats-Msg-Id": f"{known}~{mark}"}
            headers.setdefault(TIME_HEADER, str(event.stored_us))
        else:
            fresh = f"{known}+{mark}"
            headers |= {"Kumeo-Id": fresh, "Nats-Msg-Id": fresh}
            headers.pop(TIME_HEADER, None)
        await client.publish(source.name, event.payload, headers=headers)
