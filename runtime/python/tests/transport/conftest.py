"""A real server for the tests of the transports: one per worker of pytest, always ended."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kumeo_runtime.embedded.binary import find_binary


class Server:
    """A nats-server on a random port of this machine, with a store that outlives its death."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(find_binary()), "-a", "127.0.0.1", "-p", str(self.port)]
        command += ["-sd", str(self.folder), *self.options]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if is_open(self.port):
                return
            time.sleep(0.01)
        self.stop()
        raise TimeoutError("nats-server does not start")

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 0.2) as link:
            return link.recv(5) == b"INFO "
    except OSError:
        return False


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("nats"), "-js")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator:
    made: list[Server] = []

    def make(config: str | None = None, *options: str) -> Server:
        if config is not None:
            file = tmp_path / "server.conf"
            file.write_text(config, encoding="utf-8")
            options = ("-c", str(file), *options)
        server = Server(tmp_path, *options)
        made.append(server)
        server.start()
        return server

    yield make
    for server in made:
        server.stop()
