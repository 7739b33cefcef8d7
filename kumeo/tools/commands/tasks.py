"""`kumeo tasks`: what waits for a person."""

import json
from typing import TYPE_CHECKING, Any

import click

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, with_client
from kumeo.tools.running.shown import ID_SHOWN, as_json, cut, moment, table
from kumeo.tools.tasks.audit import audit
from kumeo.tools.tasks.finding import actions_of, find_task, found_tasks, refused, somebody
from kumeo.tools.tasks.serving import serve
from kumeo.tools.tasks.steps import STEPS
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.engine.parking import TaskState
    from kumeo_runtime.tasks.rules import FieldError

_HELP = """List the tasks that wait for a person, and decide them.

One decision counts: the first one, or what the workflow says for the time when nobody decides.

\b
  kumeo tasks list flow.kumeo
  kumeo tasks show flow.kumeo 5f0c                what is asked
  kumeo tasks decide flow.kumeo 5f0c approve --by ana
  kumeo tasks claim flow.kumeo 5f0c --by ana      nobody else decides it then
  kumeo tasks withdraw flow.kumeo 5f0c --reason "sold"     nobody has to answer any more
  kumeo tasks audit flow.kumeo 5f0c               who has done what
  kumeo tasks serve flow.kumeo --people people.json        a page and a REST service
"""


_INNER = ("body", "edge", "trail", "steps")
"""What of a stored task only the engine reads."""


@click.group("tasks", help=_HELP, short_help="List and decide what waits for a person.")
def command() -> None:
    """Hold the subcommands."""


@command.command("list", help="List the open tasks: those of high priority first, then the oldest.")
@asks
@click.option("--all", "every", is_flag=True, help="Also those that are decided.")
@click.option("--json", "wants_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def list_tasks(
    console: Console, workflow: str, nats: str | None, state: str, every: bool, wants_json: bool
) -> int:
    """List tasks."""

    async def work(client: "RuntimeClient") -> int:
        tasks = sorted(
            await found_tasks(client, every), key=lambda each: (-each.task.priority, each.asked_us)
        )
        if wants_json:
            console.write(
                "".join(json.dumps(_data(each), ensure_ascii=False) + "\n" for each in tasks)
            )
        elif tasks:
            head = ["ID", "PRIO", "ASKED", "UNTIL", "STATE", "EVENT", "TITLE"]
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
        task = await find_task(console, client, id)
        if task is None:
            return REJECTED
        from kumeo.tools.running.asked import described

        if wants_json:
            console.write(json.dumps(_data(task), indent=2, ensure_ascii=False) + "\n")
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
@click.option("--value", metavar="JSON", help="The value as it was edited.")
@click.option("--comment", metavar="TEXT", default="", help="Why; it stands in the audit trail.")
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
    value: str | None,
    comment: str,
) -> int:
    """Decide a task."""
    filled = _json_of("--form", form)
    edited = _json_of("--value", value)

    async def work(client: "RuntimeClient") -> int:
        from kumeo_runtime.tasks.answers import Given
        from kumeo_runtime.tasks.rules import Refusal

        task = await find_task(console, client, id)
        if task is None:
            return REJECTED
        given = Given(decision, filled) if value is None else Given(decision, filled, edited)
        who = somebody(by)
        outcome = await actions_of(client).decide(who, task.id, given, comment=comment, claims=True)
        if not isinstance(outcome, Refusal):
            console.write(f"decided {task.id[:ID_SHOWN]}: {decision}, by {who.name}\n")
            return DONE
        if outcome.code == "invalid":
            fix = f"`kumeo tasks show {workflow} {task.id[:ID_SHOWN]}` shows what it takes"
            raise UsageError("; ".join(map(_told, outcome.errors)), fix)
        console.show([refused(client, task.id, outcome)])
        return REJECTED

    return with_client(console, Asked(workflow, nats, state), work)


@command.command("withdraw", short_help="End open tasks without an answer.")
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
        from kumeo_runtime.tasks.rules import Refusal

        tasks = await found_tasks(client, False) if every else []
        for id in ids:
            task = await find_task(console, client, id)
            if task is None:
                return REJECTED
            tasks.append(task)
        for task in tasks:
            outcome = await actions_of(client).withdraw(somebody(by), task.id, reason)
            if isinstance(outcome, Refusal):
                console.show([refused(client, task.id, outcome)])
                return REJECTED
            console.write(f"withdrew {task.id[:ID_SHOWN]}: {outcome.event_id} is a dead letter\n")
        if not tasks:
            console.write("nothing waits for a person\n")
        return DONE

    return with_client(console, Asked(workflow, nats, state), work)


def _json_of(option: str, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        fix = f'put it in single quotes, as in {option} \'{{"note": "fine"}}\''
        raise UsageError(f"`{option}` is no JSON: {error}", fix) from None


def _told(error: "FieldError") -> str:
    """Return what is wrong with an option."""
    option, _, place = error.field.partition(".")
    if option == "decision":
        return f"this is no decision: {error.message}"
    at = f"at {place}: " if place else ""
    return f"`--{option}` does not fit the task: {at}{error.message}"


def _data(task: "TaskState") -> dict[str, Any]:
    """Return what a task says to programs: moments as text, without what only the engine reads."""
    from kumeo.tools.running.asked import with_moments

    data = with_moments(json.loads(as_json(task)))
    return {key: value for key, value in data.items() if key not in _INNER}


def _row(task: "TaskState") -> list[str]:
    until = "-" if task.due_us is None else moment(task.due_us)
    answer = task.answer
    state = task.label if answer is None or answer.decision is None else answer.decision
    state = f"claimed by {task.holder}" if state == "claimed" else state
    title = cut(task.task.title or task.task.site)
    asked = moment(task.asked_us)
    return [
        task.id[:ID_SHOWN],
        str(task.task.priority),
        asked,
        until,
        state,
        task.event_id,
        title,
    ]


for _each in (*STEPS, audit, serve):
    command.add_command(_each)
