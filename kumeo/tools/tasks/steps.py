"""`kumeo tasks claim`, `release`, `delegate`, `comment`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, with_client
from kumeo.tools.running.shown import ID_SHOWN
from kumeo.tools.tasks.finding import actions_of, find_task, refused, somebody

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.tasks.actions import Actions, Current
    from kumeo_runtime.tasks.people import Person
    from kumeo_runtime.tasks.rules import Refusal

    Step = Callable[[Actions, Person, str], Awaitable[Current | Refusal]]

_by = click.option("--by", metavar="NAME", help="Who (default: the user of this computer).")
_comment = click.option("--comment", metavar="TEXT", default="", help="Why; the trail keeps it.")


@click.command("claim", help="Take a task: nobody else decides it then.")
@asks
@click.argument("id")
@_by
@click.pass_obj
def claim(
    console: Console, workflow: str, nats: str | None, state: str, id: str, by: str | None
) -> int:
    """Take a task."""
    asked = Asked(workflow, nats, state)
    return _do(console, asked, id, by, "claimed", lambda a, who, task: a.claim(who, task))


@click.command("release", help="Give a task back to everybody whom it is for.")
@asks
@click.argument("id")
@_by
@_comment
@click.pass_obj
def release(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    id: str,
    by: str | None,
    comment: str,
) -> int:
    """Give a task back."""

    def step(actions: "Actions", who: "Person", task: str) -> "Awaitable[Current | Refusal]":
        return actions.release(who, task, comment=comment)

    return _do(console, Asked(workflow, nats, state), id, by, "released", step)


@click.command("delegate", help="Give a task to another person, or to a group with --group.")
@asks
@click.argument("id")
@click.argument("to")
@click.option("--group", "is_group", is_flag=True, help="TO is a group: one of it claims it.")
@_by
@_comment
@click.pass_obj
def delegate(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    id: str,
    to: str,
    is_group: bool,
    by: str | None,
    comment: str,
) -> int:
    """Pass a task on."""

    def step(actions: "Actions", who: "Person", task: str) -> "Awaitable[Current | Refusal]":
        return actions.delegate(who, task, to, comment=comment, is_group=is_group)

    return _do(console, Asked(workflow, nats, state), id, by, "delegated", step)


@click.command("comment", help="Write into the audit trail of a task.")
@asks
@click.argument("id")
@click.argument("text")
@_by
@click.pass_obj
def comment(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    id: str,
    text: str,
    by: str | None,
) -> int:
    """Write a comment."""

    def step(actions: "Actions", who: "Person", task: str) -> "Awaitable[Current | Refusal]":
        return actions.comment(who, task, text)

    return _do(console, Asked(workflow, nats, state), id, by, "commented", step)


STEPS = (claim, release, delegate, comment)


def _do(console: Console, asked: Asked, id: str, by: str | None, done: str, step: "Step") -> int:
    async def work(client: "RuntimeClient") -> int:
        from kumeo_runtime.tasks.rules import Refusal

        task = await find_task(console, client, id)
        if task is None:
            return REJECTED
        who = somebody(by)
        outcome = await step(actions_of(client), who, task.id)
        if isinstance(outcome, Refusal):
            console.show([refused(client, task.id, outcome)])
            return REJECTED
        console.write(f"{done} {task.id[:ID_SHOWN]}, by {who.name}\n")
        return DONE

    return with_client(console, asked, work)
