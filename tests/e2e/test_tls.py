"""`kumeo run` on a server with TLS: a real handshake, and each way in which it fails."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.embedded.binary import find_binary

FLOW = """schema Order { id: string }

workflow Orders {
  source: NATS("orders", schema: Order)
  target: NATS("done")
  agents: [emit source to target]
}
"""
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate of this host that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    program = shutil.which("openssl")
    assert program is not None, "the tests need openssl"
    command = f"{program} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def port(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[int]:
    """Start a server that wants TLS and a password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = free.getsockname()[1]
    settings = {
        "host": "127.0.0.1",
        "port": found,
        "jetstream": {"store_dir": str(tmp_path / "js")},
        "tls": {"cert_file": str(certificate[0]), "key_file": str(certificate[1])},
        "authorization": {"user": "u", "password": "right"},
    }
    (tmp_path / "nats.conf").write_text(json.dumps(settings))
    command = [str(find_binary()), "-c", str(tmp_path / "nats.conf")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", found)) == 0:
                break
        time.sleep(0.02)
    yield found
    server.kill()
    server.wait()


@pytest.fixture
def run(kumeo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one event on a URL."""
    monkeypatch.chdir(tmp_path)
    Path("orders.kumeo").write_text(FLOW)
    Path("e.jsonl").write_text('{"id": "a"}\n')
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "-", "-q", "--nats")
    return lambda url: kumeo(*arguments, url)


def test_run_on_tls_with_the_authority_of_the_server_works(
    run: Run, port: int, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUMEO_TLS_CA", str(certificate[0]))
    done = run(f"tls://u:right@127.0.0.1:{port}")
    assert (done.code, json.loads(done.out)["value"]) == (0, {"id": "a"}), done.err


def test_run_on_tls_with_an_unknown_authority_is_a_tls_error(run: Run, port: int) -> None:
    done = run(f"tls://u:right@127.0.0.1:{port}")
    assert (done.code, "error[tls-mismatch]" in done.err) == (1, True), done.err


def test_run_on_tls_with_a_wrong_password_is_an_error_of_credentials(
    run: Run, port: int, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUMEO_TLS_CA", str(certificate[0]))
    done = run(f"tls://u:wrong@127.0.0.1:{port}")
    assert (done.code, "error[wrong-credentials]" in done.err) == (1, True), done.err
    assert "wrong@" not in done.err


@pytest.mark.parametrize("url", ["blah", "http://127.0.0.1:4222", "nats://"])
def test_run_on_what_is_no_url_is_wrong_usage(run: Run, url: str) -> None:
    done = run(url)
    assert (done.code, "write `nats://HOST:PORT`" in done.err) == (2, True), done.err
