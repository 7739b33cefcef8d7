"""Where messages are kept: a server of our own, or the NATS that the user names."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kumeo.tools.running.state import StateFolder
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.embedded import EmbeddedServer

SCHEMES = ("nats", "tls", "ws", "wss")
URL_VARIABLE = "KUMEO_NATS_URL"
WAIT_S = 10.0
"""How long another server may take to answer or to end."""
_SHARE = 4
"""The streams of one workflow reserve at most this part of what the embedded server may take."""


@dataclass
class Store:
    """A message store that can be reached now."""

    settings: Mapping[str, Any]
    """What the runtime has to know, as fields of its `Settings`."""
    server: "EmbeddedServer | None" = None
    free_bytes: int | None = None
    """Room on the disk of an embedded server."""

    @property
    def url(self) -> str:
        """What people call it."""
        return str(self.settings.get("nats_url", ""))

    def stream_bytes(self) -> int | None:
        """Return how much a stream may reserve; None is no limit of ours."""
        return None if self.free_bytes is None else self.free_bytes // _SHARE

    def close(self) -> None:
        """Need it no longer."""
        if self.server is not None:
            self.server.close()


@dataclass
class Opening:
    """A store that gets ready while the workflow is compiled."""

    thread: threading.Thread | None = None
    found: list[Store] = field(default_factory=list[Store])
    errors: list[Exception] = field(default_factory=list[Exception])

    def wait(self) -> Store:
        """Return the store. Raises what opening it raised."""
        if self.thread is not None:
            self.thread.join()
        if self.errors:
            raise self.errors[0]
        return self.found[0]

    def give_up(self) -> None:
        """Close what was opened: nobody needs it."""
        if self.thread is not None:
            self.thread.join()
        for store in self.found:
            store.close()


def begin_opening(state: StateFolder, url: str | None, port: int = 0) -> Opening:
    """Start to open the store; a URL needs no work."""
    opening = Opening()
    url = url or os.environ.get(URL_VARIABLE)
    if url:
        check_url(url)
        opening.found.append(Store({"nats_url": url}))
        return opening

    def work() -> None:
        try:
            opening.found.append(open_embedded(state, port))
        except Exception as error:
            # Handed to the thread that waits.
            opening.errors.append(error)

    opening.thread = threading.Thread(target=work, name="kumeo-server")
    opening.thread.start()
    return opening


def check_url(url: str) -> None:
    """Refuse what is no URL of a NATS server; several stand with commas. Raises UsageError."""
    for part in url.split(","):
        scheme, mark, host = part.strip().partition("://")
        if scheme == "memory" and mark:
            continue
        if scheme not in SCHEMES or not mark or not host:
            fix = "write `nats://HOST:PORT`, or `tls://HOST:PORT` for a server with TLS"
            raise UsageError(f"`{part.rpartition('@')[2]}` is no URL of a NATS server", fix)


def open_embedded(state: StateFolder, port: int = 0) -> Store:
    """Start or attach to the server of a state folder. Raises TransportError."""
    import shutil

    from kumeo_runtime.embedded import open_server

    server = open_server(state.server, port, WAIT_S)
    found = server.connection
    free = shutil.disk_usage(state.server).free * 3 // 4
    return Store({"nats_url": found.url, "nats_token": found.token}, server, free)
