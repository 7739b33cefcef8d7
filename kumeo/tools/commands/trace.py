"""`kumeo trace`: the path of one event through a workflow."""

from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, with_client
from kumeo.tools.running.shown import as_json, cut, duration, moment

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.tracing import Step

_WORDS = {
    "event": "event of",
    "edge": "sent on to",
    "call": "agent",
    "task": "task for a person",
    "emit": "result for",
    "dead-letter": "dead letter of",
}

_EXAMPLES = """Show the path of one event: the event, what services sent on, what agents answered
that are not sure to answer the same again, results, failures. With times and values.

EVENT_ID is the id that `kumeo tail` shows, that `kumeo publish` prints, or that you gave it.
What is done is kept for some minutes, results and answers longer.

\b
  kumeo trace flow.kumeo tx-1
  kumeo trace flow.kumeo tx-1 --full        values in full length
  kumeo trace flow.kumeo tx-1 --json
"""


@click.command("trace", help=_EXAMPLES, short_help="Show the path of one event.")
@asks
@click.argument("event_id", metavar="EVENT_ID")
@click.option("--full", is_flag=True, help="Do not cut values.")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def command(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    event_id: str,
    full: bool,
    wants_json: bool,
) -> int:
    """Collect the steps and draw them."""

    async def work(client: "RuntimeClient") -> int:
        steps = await client.trace(event_id)
        if not steps:
            from kumeo.tools.run_errors import NoSuchId

            where = f"kumeo tail {client.workflow.name}"
            console.show([NoSuchId(None, "event", event_id, where)])
            return REJECTED
        if wants_json:
            console.write("".join(as_json(step) + "\n" for step in steps))
        else:
            console.write("".join(line + "\n" for line in tree(console, event_id, steps, full)))
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


def tree(console: Console, event_id: str, steps: "list[Step]", full: bool) -> list[str]:
    """Return the steps as lines, each with the time since the first one."""
    first = steps[0]
    lines = [f"{console.style(event_id, 'bold')}  {moment(first.at_us)}"]
    width = max(len(_what(step)) for step in steps)
    for number, step in enumerate(steps):
        branch = "└─" if number == len(steps) - 1 else "├─"
        since = f"+{duration(max(0, step.at_us - first.at_us))}"
        what = f"{_what(step):<{width}}"
        lines.append(f"{branch} {since:>12}  {what}  {_outcome(console, step, full)}")
    return lines


def _what(step: "Step") -> str:
    return f"{_WORDS[step.kind]} {step.name}"


def _outcome(console: Console, step: "Step", full: bool) -> str:
    if step.failure is not None:
        agent = f" ({step.failure.agent})" if step.failure.agent else ""
        text = f"failed [{step.failure.code}] {step.failure.message}{agent}"
        return console.style(text if full else cut(text), "red")
    text = as_json(step.value)
    return text if full else cut(text)
