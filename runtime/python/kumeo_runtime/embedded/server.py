"""Starts the embedded server of a folder, or attaches to the one that runs there already."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kumeo_runtime.embedded import minder
from kumeo_runtime.embedded.binary import find_binary
from kumeo_runtime.embedded.folder import Connection, StoreFolder
from kumeo_runtime.transport.api import TransportError

_LOOK_S = 0.005
_GONE_S = 4.0


@dataclass(slots=True)
class EmbeddedServer:
    """A server that runs at least until `close`, or until this process ends in any way."""

    connection: Connection
    folder: StoreFolder
    is_owner: bool
    """Whether this process started the server."""
    alive: int
    """The writing end of the FIFO; -1 after `close`."""

    @property
    def is_running(self) -> bool:
        """Whether the server lives; it can be killed like any process."""
        try:
            os.kill(self.connection.server_pid, 0)
        except ProcessLookupError:
            return False
        return True

    def ended(self) -> TransportError:
        """Return the error of a server that has ended by itself."""
        complaint = self.folder.last_complaint()
        return TransportError(
            "server-failed",
            f"the embedded server has ended{': ' + complaint if complaint else ''}",
            f"start again: what was accepted is stored; `{self.folder.log}` may say more",
        )

    def close(self) -> None:
        """Stop needing the server. The last one who does so waits until it has ended."""
        if self.alive < 0:
            return
        os.close(self.alive)
        self.alive = -1
        deadline = time.monotonic() + _GONE_S
        # The minder takes the connection file away at once, unless others need the server.
        _until(lambda: not self.folder.connection.exists(), time.monotonic() + 0.3)
        while not self.folder.connection.exists() and time.monotonic() < deadline:
            handle = self.folder.try_lock()
            if handle is not None:
                os.close(handle)
                return
            time.sleep(_LOOK_S)

    def __enter__(self) -> "EmbeddedServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_server(folder: Path, port: int = 0, timeout_s: float = 10.0) -> EmbeddedServer:
    """Return the running server of a folder; start it when there is none.

    `port` is a wish for a server that is started here: 0 takes any free one.

    Raises: TransportError with `server-missing`, `store-not-writable`, `port-in-use`,
        `store-locked`, `server-failed` or `system-unsupported`.
    """
    if os.name == "nt":
        raise TransportError(
            "system-unsupported",
            "the embedded server needs a POSIX system",
            "start `nats-server -js` and name it by `--nats nats://127.0.0.1:4222`",
        )
    store = StoreFolder(folder.resolve())
    store.prepare()
    deadline = time.monotonic() + timeout_s
    while True:
        lock = store.try_lock()
        if lock is not None:
            return _start(store, lock, port, deadline)
        server = _attach(store)
        if server is not None:
            return server
        if time.monotonic() > deadline:
            raise _locked(store)
        time.sleep(0.02)


def _start(store: StoreFolder, lock: int, port: int, deadline: float) -> EmbeddedServer:
    alive = -1
    try:
        binary = find_binary()
        store.forget_server()
        token = secrets.token_urlsafe(24)
        store.write_config(token, port)
        # The reading end comes first: a FIFO cannot be opened for writing without a reader.
        reader = os.open(store.alive, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        alive = os.open(store.alive, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        process = _spawn(store, binary, reader, lock)
        os.close(reader)
        connection = _wait_ready(store, process, token, port, deadline)
        store.write_connection(connection)
    except BaseException:
        if alive >= 0:
            os.close(alive)
        raise
    finally:
        os.close(lock)
    return EmbeddedServer(connection, store, True, alive)


def _spawn(store: StoreFolder, binary: Path, reader: int, lock: int) -> "subprocess.Popen[bytes]":
    arguments = [binary, store.config, store.connection, reader, lock]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", minder.__file__, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=store.path,
        pass_fds=(reader, lock),
        # Ctrl-C of the terminal must not reach the server before the services have drained.
        start_new_session=True,
    )


def _wait_ready(
    store: StoreFolder, process: "subprocess.Popen[bytes]", token: str, port: int, deadline: float
) -> Connection:
    while time.monotonic() < deadline:
        found = _written_port(store)
        if found is not None and _answers(found[0]):
            url = f"nats://127.0.0.1:{found[0]}"
            return Connection(url, token, server_pid=found[1], owner_pid=os.getpid())
        if process.poll() is not None:
            raise _failed(store, port)
        time.sleep(_LOOK_S)
    raise TransportError(
        "server-failed",
        "the embedded server does not get ready",
        f"look into `{store.log}`; a very large store needs a server that stays and `--nats URL`",
    )


def _attach(store: StoreFolder) -> EmbeddedServer | None:
    try:
        alive = os.open(store.alive, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None  # No minder reads it.
    # Read after the FIFO is open: from here on the minder keeps the server, or has hidden the file.
    connection = store.read_connection()
    if connection is None or not _answers(connection.port):
        os.close(alive)
        return None
    return EmbeddedServer(connection, store, False, alive)


def _written_port(store: StoreFolder) -> tuple[int, int] | None:
    """Return port and process of the server from the file that it writes, when it is complete."""
    for path in store.ports.glob("*.ports"):
        with contextlib.suppress(OSError, ValueError, KeyError, IndexError):
            url: str = json.loads(path.read_text("utf-8"))["nats"][0]
            return int(url.rpartition(":")[2]), int(path.stem.rpartition("_")[2])
    return None


def _answers(port: int) -> bool:
    """Return whether a NATS server greets on a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as link:
            return link.recv(5) == b"INFO "
    except OSError:
        return False


def _until(condition: Callable[[], bool], deadline: float) -> None:
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_S)


def _locked(store: StoreFolder) -> TransportError:
    connection = store.read_connection()
    who = "" if connection is None else f" (process {connection.server_pid})"
    return TransportError(
        "store-locked",
        f"another server{who} uses the folder `{store.path}` and does not answer",
        "end that process, or name another folder by `--state DIR`",
    )


def _failed(store: StoreFolder, port: int) -> TransportError:
    complaint = store.last_complaint()
    if "address already in use" in complaint:
        return TransportError(
            "port-in-use",
            f"port {port} is in use by another program",
            "leave `--port` out to take any free port, or name another one",
        )
    return TransportError(
        "server-failed",
        f"the embedded server ended at once: {complaint or 'it said nothing'}",
        f"look into `{store.log}`",
    )
