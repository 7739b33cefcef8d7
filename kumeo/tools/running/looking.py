"""How a command gets at a workflow that runs, has run or will run: its build and its store."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kumeo.diagnostics import Diagnostic, nearest
from kumeo.tools.console import REJECTED, WRONG_USAGE, Console
from kumeo.tools.running.state import DEFAULT, StateFolder
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.spec import Workflow

Command = TypeVar("Command", bound=Callable[..., Any])
Work = Callable[["RuntimeClient"], Awaitable[int]]


@dataclass(frozen=True)
class Asked:
    """Which workflow a command is about, and where its messages are."""

    workflow: str
    """A `.kumeo` file or a name."""
    nats: str | None
    state: str


def asks(command: Command) -> Command:
    """Give a command the argument WORKFLOW and the options that say where its messages are."""
    command = click.option(
        "--state", metavar="DIR", default=DEFAULT, help=f"State folder (default: {DEFAULT})."
    )(command)
    command = click.option(
        "--nats", metavar="URL", help="NATS to use (default: the embedded server)."
    )(command)
    return click.argument("workflow", metavar="WORKFLOW")(command)


def with_client(console: Console, asked: Asked, work: Work) -> int:
    """Connect to the store of a workflow, do something there, and return the exit code."""
    found, faults = find_workflow(console, asked)
    console.show(faults)
    if found is None:
        return WRONG_USAGE if any(d.code == "cannot-read" for d in faults) else REJECTED
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.transport.api import TransportError

    from kumeo.tools.running.store import begin_opening

    opening = begin_opening(StateFolder(Path(asked.state)), asked.nats)
    try:
        store = opening.wait()
        return asyncio.run(_work(found, dict(store.settings), work))
    except (TransportError, EngineError) as error:
        from kumeo.tools.engine_errors import told

        console.show([told(error)])
        return REJECTED
    finally:
        opening.give_up()


async def _work(workflow: "Workflow", settings: dict[str, Any], work: Work) -> int:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.config import Settings

    async with RuntimeClient(workflow, Settings(**settings)) as client:
        return await work(client)


def find_workflow(console: Console, asked: Asked) -> "tuple[Workflow | None, list[Diagnostic]]":
    """Return the workflow as it was built last; a file that was never built is built now."""
    from kumeo.tools.run_errors import NotBuilt
    from kumeo.tools.running.package import load_workflow

    state = StateFolder(Path(asked.state))
    name, known = asked.workflow, state.workflows()
    if name.endswith(".kumeo"):
        built = [each for each in known if state.workflow(each).comes_from(name)]
        if not built:
            return _build(console, state, name)
        name = only(built, "workflow")
    if name not in known:
        return None, [NotBuilt(None, name, str(state.path), nearest(name, known))]
    return load_workflow(state.workflow(name).build), []


def _build(
    console: Console, state: StateFolder, file: str
) -> "tuple[Workflow | None, list[Diagnostic]]":
    from kumeo.tools.running.package import build_into, load_workflow

    name, found = build_into(state, file, console.stdin, "O2", None)
    return (None if name is None else load_workflow(state.workflow(name).build)), found


def only(names: list[str], what: str) -> str:
    """Return the only name, or say that one has to be chosen."""
    if len(names) == 1:
        return names[0]
    raise click.UsageError(f"there are several: name the {what}, one of {', '.join(names)}")


def choose(name: str, known: list[str], what: str) -> str:
    """Return a name that exists, or tell the nearest one."""
    if name in known:
        return name
    close = nearest(name, known)
    fix = f"write `{close}`" if close else f"there is {', '.join(sorted(known)) or 'none'}"
    raise UsageError(f"there is no {what} `{name}`", fix)


def beginning(id: str, known: list[str]) -> str | None:
    """Return the only id that starts so, or None."""
    found = [each for each in known if each.startswith(id)]
    return found[0] if len(found) == 1 else None


def is_interactive() -> bool:
    """Return whether a person sits at standard input."""
    return sys.stdin.isatty()
