"""Finding tasks by the beginnings of their ids, and who acts on the command line."""

from typing import TYPE_CHECKING

from kumeo.diagnostics import Diagnostic
from kumeo.tools.console import Console
from kumeo.tools.running.looking import beginning

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.engine.parking import TaskState
    from kumeo_runtime.tasks.actions import Actions
    from kumeo_runtime.tasks.people import Person
    from kumeo_runtime.tasks.rules import Refusal


async def has_tasks(client: "RuntimeClient") -> bool:
    """Say whether there is a stream of tasks."""
    return await client.shared.transport.stream_info(client.shared.names.tasks) is not None


async def found_tasks(client: "RuntimeClient", every: bool) -> "list[TaskState]":
    """Return the tasks; none while there is no stream of them."""
    return await client.tasks(only_open=not every) if await has_tasks(client) else []


async def find_task(console: Console, client: "RuntimeClient", id: str) -> "TaskState | None":
    """Return the only task whose id begins so, or tell that there is none."""
    tasks = {task.id: task for task in await found_tasks(client, True)}
    chosen = beginning(id, list(tasks))
    if chosen is None:
        console.show([unknown(client, id)])
        return None
    return tasks[chosen]


def actions_of(client: "RuntimeClient") -> "Actions":
    """Return what a command does with tasks; names are not looked up."""
    from kumeo_runtime.tasks.actions import Actions

    return Actions(client, via="command")


def somebody(name: str | None) -> "Person":
    """Return who acts: whoever reaches the store may do everything, in any name."""
    from kumeo_runtime.tasks.people import ANYBODY, ROLES, Person, user_name

    return Person(name or user_name(), (ANYBODY,), ROLES)


def unknown(client: "RuntimeClient", id: str) -> Diagnostic:
    """Return the diagnostic of a task that is not there."""
    from kumeo.tools.run_errors import NoSuchId

    return NoSuchId(None, "task", id, f"kumeo tasks list {client.workflow.name} --all")


def refused(client: "RuntimeClient", id: str, refusal: "Refusal") -> Diagnostic:
    """Return the diagnostic of a step that is not done."""
    from kumeo.tools.run_errors import TaskDecided
    from kumeo.tools.tasks.errors import TaskRefused

    if refusal.code == "closed":
        return TaskDecided(None, id)
    if refusal.code == "unknown-task":
        return unknown(client, id)
    errors = [f"{error.field}: {error.message}" for error in refusal.errors]
    return TaskRefused(None, id, "; ".join([refusal.message, *errors]))
