"""`kumeo tasks serve`: the page and the REST service of tasks."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, Console
from kumeo.tools.running.looking import Asked, asks, with_client

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.tasks.rest.service import TaskService

PORT = 8480


@dataclass(frozen=True)
class Serving:
    """How tasks are served."""

    port: int
    people: str | None = None
    notify: str | None = None
    host: str = "127.0.0.1"
    url: str | None = None


@click.command("serve", short_help="Serve tasks to people: a page and REST.")
@asks
@click.option("--people", metavar="FILE", help="Who works on tasks; see `kumeo people`.")
@click.option("--notify", metavar="FILE", help="How people are told: webhook, e-mail.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, metavar="N", help="8480.")
@click.option("--host", metavar="NAME", default="127.0.0.1", help="Address (default: 127.0.0.1).")
@click.option("--url", metavar="URL", help="Where people find it, behind a proxy with TLS.")
@click.pass_obj
def serve(
    console: Console,
    workflow: str,
    nats: str | None,
    state: str,
    people: str | None,
    notify: str | None,
    port: int,
    host: str,
    url: str | None,
) -> int:
    """Serve the tasks of a workflow to people: a page and a REST service, until Ctrl-C.

    Without --people there is one user, of this computer alone; the address holds the token.
    """
    serving = Serving(port, people, notify, host, url)

    async def work(client: "RuntimeClient") -> int:
        async with served(client, serving) as service:
            console.write(f"tasks of {client.workflow.name}: {service.address}\n")
            console.stdout.flush()
            await asyncio.Event().wait()
        return DONE

    try:
        return with_client(console, Asked(workflow, nats, state), work)
    except KeyboardInterrupt:
        return DONE


@asynccontextmanager
async def served(client: "RuntimeClient", serving: Serving) -> "AsyncGenerator[TaskService]":
    """Serve the tasks of a workflow. Raises: EngineError, AgentError, TransportError."""
    from kumeo_runtime.tasks.notify.notifier import Notifier
    from kumeo_runtime.tasks.notify.settings import NotifySettings, read_settings
    from kumeo_runtime.tasks.people import People
    from kumeo_runtime.tasks.rest.service import TaskService

    people = People.of_file(Path(serving.people)) if serving.people else None
    told = read_settings(Path(serving.notify)) if serving.notify else NotifySettings()
    known = people or People()
    notifier = Notifier(client.shared, told, known.addresses, os.environ)
    service = TaskService(client, people, host=serving.host, port=serving.port, url=serving.url)
    await service.start()
    try:
        await notifier.start()
        yield service
    finally:
        await notifier.stop()
        await service.stop()
