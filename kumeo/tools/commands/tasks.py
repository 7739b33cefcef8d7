"""`kumeo tasks`: what waits for a person."""

import getpass
import json
from typing import TYPE_CHECKING, Any

import click

from kumeo.diagnostics import Diagnostic
from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, beginning, with_client
from kumeo.tools.running.shown import ID_SHOWN, as_json, cut, moment, table

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.engine.parking import TaskState

_HELP = """List the tasks that wait for a person, and decide them.

One decision counts: the first one, or what the workflow says for the time when nobody decides.

\b
  kumeo tasks list flow.kumeo
  kumeo tasks show flow.kumeo 5f0c                what is asked
  kumeo tasks decide flow.kumeo 5f0c approve --by ana
  kumeo tasks withdraw flow.kumeo 5f0c --reason "sold"     nobody has to answer any more
"""


@click.group("tasks", help=_HELP, short_help="List and decide what waits for a person.")
def command() -> None:
    """Hold the subcommands."""


@command.command("list", help="List the open tasks, oldest first.")
@asks
@click.option("--all", "every", is_flag=True, help="Also those that are decided.")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def list_tasks(
    console: Console, workflow: str, nats: str | None, state: str, every: bool, wants_json: bool
) -> int:
    """List tasks."""

    async def work(client: "RuntimeClient") -> int:
        tasks = await found(client, every)
        if wants_json:
            console.write("".join(_json(task) + "\n" for task in tasks))
        elif tasks:
            head = ["ID", "ASKED", "UNTIL", "STATE", "EVENT", "TITLE"]
            console.write(table(head, [_row(task) for task in tasks]))
        else:
            console.write("nothing waits for a person\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("show", help="Show everything about a task; a beginning of its ID is enough.")
@asks
@click.argument("id")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def show(
    console: Console, workflow: str, nats: str | None, state: str, id: str, wants_json: bool
) -> int:
    """Show one task."""

    async def work(client: "RuntimeClient") -> int:
        task = await _task(console, client, id)
        if task is None:
            return REJECTED
        from kumeo.tools.running.asked import described

        if wants_json:
            data = json.loads(_json(task))
            data.pop("body", None)
            console.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        else:
            console.write(described(task, client.workflow, workflow))
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("decide", help="Decide a task; a beginning of its ID is enough.")
@asks
@click.argument("id")
@click.argument("decision")
@click.option("--by", metavar="NAME", help="Who decides (default: the user of this computer).")
@click.option("--form", metavar="JSON", help="Fields that were filled in.")
@click.pass_obj
def decide(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    id: str,
    decision: str,
    by: str | None,
    form: str | None,
) -> int:
    """Decide a task."""
    filled = _form(form)

    async def work(client: "RuntimeClient") -> int:
        from kumeo_runtime.engine.parking import Closed

        task = await _task(console, client, id)
        if task is None:
            return REJECTED
        allowed = task.task.decisions
        if allowed and decision not in allowed:
            raise click.UsageError(
                f"`{decision}` is no decision: write one of {', '.join(allowed)}"
            )
        who = by or getpass.getuser()
        _check_form(client, task, decision, who, filled)
        outcome = await client.decide(task.id, decision, by=who, form=filled)
        if isinstance(outcome, Closed):
            console.show([_closed(client, task.id, outcome.code)])
            return REJECTED
        console.write(f"decided {task.id[:ID_SHOWN]}: {decision}, by {who}\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("withdraw")
@asks
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Withdraw all open tasks.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the dead letter.")
@click.option("--by", metavar="NAME", help="Who withdraws (default: the user of this computer).")
@click.pass_obj
def withdraw(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    ids: tuple[str, ...],
    every: bool,
    reason: str,
    by: str | None,
) -> int:
    """End open tasks without an answer; the event of each becomes a dead letter.

    `on_timeout` does not hold: nothing goes on through the workflow. So an edited workflow that
    cannot read an open task may start afterwards, and `kumeo dlq retry` gives it the events.
    """
    if bool(ids) == every:
        raise click.UsageError("name the tasks, or write `--all`", click.get_current_context())

    async def work(client: "RuntimeClient") -> int:
        from kumeo_runtime.engine.parking import Closed

        tasks = await found(client, False) if every else []
        for id in ids:
            task = await _task(console, client, id)
            if task is None:
                return REJECTED
            tasks.append(task)
        for task in tasks:
            outcome = await client.withdraw(task.id, reason, by=by or getpass.getuser())
            if isinstance(outcome, Closed):
                console.show([_closed(client, task.id, outcome.code)])
                return REJECTED
            console.write(f"withdrew {task.id[:ID_SHOWN]}: {outcome.event_id} is a dead letter\n")
        if not tasks:
            console.write("nothing waits for a person\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


async def found(client: "RuntimeClient", every: bool) -> "list[TaskState]":
    """Return the tasks; none while there is no stream of them."""
    if await client.shared.transport.stream_info(client.shared.names.tasks) is None:
        return []
    return await client.tasks(only_open=not every)


async def _task(console: Console, client: "RuntimeClient", id: str) -> "TaskState | None":
    tasks = {task.id: task for task in await found(client, True)}
    chosen = beginning(id, list(tasks))
    if chosen is None:
        console.show([_unknown(client, id)])
        return None
    return tasks[chosen]


def _unknown(client: "RuntimeClient", id: str) -> Diagnostic:
    from kumeo.tools.run_errors import NoSuchId

    return NoSuchId(None, "task", id, f"kumeo tasks list {client.workflow.name} --all")


def _closed(client: "RuntimeClient", id: str, code: str) -> Diagnostic:
    from kumeo.tools.run_errors import TaskDecided

    return TaskDecided(None, id) if code == "already-decided" else _unknown(client, id)


def _form(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"`--form` is no JSON: {error}") from None


def _check_form(
    client: "RuntimeClient", task: "TaskState", decision: str, by: str, filled: Any
) -> None:
    """Refuse fields that do not fit the workflow: a decision cannot be taken back."""
    from kumeo_runtime.activation import Answer
    from kumeo_runtime.agents.review import Review
    from kumeo_runtime.service import agents_of
    from kumeo_runtime.values import Failure

    for agent in agents_of(client.workflow.services):
        if isinstance(agent, Review) and agent.site == task.task.site:
            found: Any = agent.read(Answer(decision, by, task.asked_us, filled))
            if isinstance(found, Failure):
                raise click.UsageError(f"`--form` does not fit the task: {found.message}")


def _json(task: "TaskState") -> str:
    """Return a task as JSON on one line, with moments as text."""
    from kumeo.tools.running.asked import with_moments

    return json.dumps(with_moments(json.loads(as_json(task))), ensure_ascii=False)


def _row(task: "TaskState") -> list[str]:
    until = "-" if task.due_us is None else moment(task.due_us)
    answer = task.answer
    state = task.status if answer is None or answer.decision is None else answer.decision
    title = cut(task.task.title or task.task.site)
    return [task.id[:ID_SHOWN], moment(task.asked_us), until, state, task.event_id, title]
