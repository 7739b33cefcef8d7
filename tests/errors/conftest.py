"""Fixtures for codes that no input file can cause: the texts that the tools print."""

import asyncio
import io
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).parent.parent / "unit" / "tools" / "plugins"


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run `kumeo-opt` and return its messages; the folder for temporary files is `TMP`."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(*arguments: str, stdin: str = "builtin.module {}") -> str:
        from kumeo.tools.kumeo_opt import run as run_tool

        out, err = io.StringIO(), io.StringIO()
        run_tool(list(arguments), stdin, out, err)
        return err.getvalue().replace(str(tmp_path), "TMP")

    return run


@pytest.fixture
def toy_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the package `toy-dialect`."""
    monkeypatch.syspath_prepend(PLUGINS / "good")
    yield
    sys.modules.pop("toy_dialect", None)


@pytest.fixture
def broken_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install packages each of which is broken in its own way."""
    monkeypatch.syspath_prepend(PLUGINS / "broken")
    yield
    for name in ("import_error", "wrong_object", "duplicate_names", "late_failure"):
        sys.modules.pop(name, None)


ORDERS = """schema Order { id: string  amount: float }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: { small: NATS("orders.small"), large: NATS("orders.large") }
  config: { limit: 100.0 }
  agents: [
    if source.amount > config.limit {
      HumanReview(id: "ok", title: "Large", input: source, timeout: 1h, on_timeout: "fail")
      emit { order: source, ok: ok } to target.large
    } else {
      emit source to target.small
    }
  ]
}
"""
CHANGING = (
    (r"127\.0\.0\.1:\d+", "HOST:PORT"),
    (r"(?<=port )\d+", "PORT"),
    (r"process \d+", "process PID"),
    (r"\b[0-9a-f]{32}\b", "ID"),
    (r"version [0-9a-f]+", "version V"),
)


class Scene:
    """A folder with a workflow, and the commands that are run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        (folder / "orders.kumeo").write_text(ORDERS)

    def kumeo(self, *arguments: str, stdin: str = "") -> str:
        """Run `kumeo` and return its messages, without what changes from run to run."""
        from kumeo.tools.kumeo import run as run_tool

        out, err = io.StringIO(), io.StringIO()
        run_tool(list(arguments), stdin, out, err)
        self.output = out.getvalue()
        text = err.getvalue().replace(str(self.folder), "FOLDER")
        for pattern, name in CHANGING:
            text = re.sub(pattern, name, text)
        return text

    def run(self, *arguments: str) -> str:
        """Run the workflow; without an input it is over when it is refused."""
        if "--input" not in arguments:
            (self.folder / "events.jsonl").write_text("")
            arguments = (*arguments, "--input", "events.jsonl")
        return self.kumeo("run", "orders.kumeo", "--quiet", *arguments)

    def with_stream(self, url: str, **settings: Any) -> None:
        """Make a stream on a server before Kumeo does."""

        async def work() -> None:
            import nats

            link = await nats.connect(url)
            body = json.dumps({"subjects": ["x"], "storage": "file", **settings}).encode()
            answer = await link.request(f"$JS.API.STREAM.CREATE.{settings['name']}", body)
            assert "error" not in json.loads(answer.data), answer.data
            await link.close()

        asyncio.run(work())


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Stand in an empty folder with `orders.kumeo`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    return Scene(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], str]]:
    """Start a `nats-server` with some settings and return its URL."""
    from kumeo_runtime.embedded import find_binary

    started: list[subprocess.Popen[bytes]] = []

    def start(settings: dict[str, Any]) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        file = tmp_path / "nats.conf"
        file.write_text(json.dumps({"host": "127.0.0.1", "port": port, **settings}))
        command = [str(find_binary()), "--config", str(file)]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.01)
        return f"nats://127.0.0.1:{port}"

    yield start
    for process in started:
        process.kill()
        process.wait()
