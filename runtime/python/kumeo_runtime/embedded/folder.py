"""The folder of an embedded server: its lock, its connection file, its settings.

lock             held through a descriptor that the server inherits: as long as the server or
                 its minder lives, nobody else can start one here. The file itself means nothing.
alive            a FIFO; everybody who needs the server keeps its writing end open
connection.json  how to reach the server, readable by its owner only
server.conf, server.log, ports/, jetstream/      the server's own
"""

import json
import os
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kumeo_runtime.transport.api import TransportError

_SHARE_OF_FREE = 0.75
"""JetStream may take this part of the free disk: a full one wedges the server."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach an embedded server."""

    url: str
    token: str
    server_pid: int
    owner_pid: int
    """The process that started it."""

    @property
    def port(self) -> int:
        """The port on the loopback interface."""
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class StoreFolder:
    """Paths and files of one server."""

    path: Path

    @property
    def lock(self) -> Path:
        """The file whose lock says that a server uses this folder."""
        return self.path / "lock"

    @property
    def alive(self) -> Path:
        """The FIFO that users of the server hold open."""
        return self.path / "alive"

    @property
    def connection(self) -> Path:
        """The file that tells how to reach the server."""
        return self.path / "connection.json"

    @property
    def config(self) -> Path:
        """The settings that the server reads."""
        return self.path / "server.conf"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    @property
    def ports(self) -> Path:
        """Where the server writes the port that it got."""
        return self.path / "ports"

    def prepare(self) -> None:
        """Make the folder.

        Raises: TransportError `store-not-writable` if that, or a file in it, cannot be made.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.ports.mkdir(exist_ok=True)
            self._make_fifo()
        except OSError as error:
            raise not_writable(self.path, error) from error

    def try_lock(self) -> int | None:
        """Return a descriptor that holds the lock, or None when a server has it."""
        # Not on Windows; `open_server` has said so before.
        import fcntl

        try:
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise not_writable(self.path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    def write_config(self, token: str, port: int) -> None:
        """Write the settings of a server that only this user can talk to."""
        free = shutil.disk_usage(self.path).free
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": port or -1,
            "ports_file_dir": str(self.ports),
            "log_file": str(self.log),
            "logfile_size_limit": 8 << 20,
            "authorization": {"token": token},
            "ping_interval": "20s",
            "jetstream": {
                "store_dir": str(self.path),
                "max_file_store": int((free + self._stored_bytes()) * _SHARE_OF_FREE),
                "sync_interval": "1s",
            },
        }
        self.write_private(self.config, json.dumps(settings, indent=2))

    def write_connection(self, connection: Connection) -> None:
        """Tell others how to reach the server."""
        self.write_private(self.connection, json.dumps(asdict(connection)))

    def read_connection(self) -> Connection | None:
        """Return how to reach the server, or None when nothing (sensible) is written."""
        try:
            return Connection(**json.loads(self.connection.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only its owner can read, in one step."""
        scratch = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            scratch.replace(path)
        except OSError as error:
            raise not_writable(self.path, error) from error

    def forget_server(self) -> None:
        """Remove what the last server left; only the holder of the lock may do so."""
        for path in (self.connection, self.log, *self.ports.glob("*.ports")):
            path.unlink(missing_ok=True)

    def last_complaint(self) -> str:
        """Return the last error in the server's log, without time and process."""
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        bad = [line for line in lines if "[FTL]" in line or "[ERR]" in line]
        return bad[-1].partition("] ")[2].partition("] ")[2] if bad else ""

    def _make_fifo(self) -> None:
        if self.alive.exists() and not stat.S_ISFIFO(self.alive.stat().st_mode):
            self.alive.unlink()
        if not self.alive.exists():
            os.mkfifo(self.alive, 0o600)

    def _stored_bytes(self) -> int:
        """Return what the streams take now; the server counts it against its limit."""
        sizes = 0
        for folder, _, names in os.walk(self.path / "jetstream"):
            for name in names:
                try:
                    sizes += os.stat(os.path.join(folder, name)).st_size
                except OSError:
                    continue
        return sizes


def not_writable(path: Path, error: OSError) -> TransportError:
    """Return the error of a folder that cannot hold a server's files."""
    reason = (error.strerror or type(error).__name__).lower()
    return TransportError(
        "store-not-writable",
        f"the folder `{path}` cannot hold the messages: {reason}",
        "make it writable and its disk not full, or name another one by `--state DIR`",
    )
