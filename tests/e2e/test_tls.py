"""`kumeo run` on servers with TLS and NKeys: real handshakes, and the ways in which they fail."""

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from importlib import import_module
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
    more = {
        "tls": {"cert_file": str(certificate[0]), "key_file": str(certificate[1])},
        "authorization": {"user": "u", "password": "right"},
    }
    with started(tmp_path, more) as found:
        yield found


@contextlib.contextmanager
def started(folder: Path, more: dict[str, Any]) -> Generator[int]:
    """Run a server with some settings; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"host": "127.0.0.1", "port": port, "jetstream": {"store_dir": str(folder / "js")}}
    (folder / "nats.conf").write_text(json.dumps({**settings, **more}))
    command = [str(find_binary()), "-c", str(folder / "nats.conf")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    try:
        yield port
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def run(kumeo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one event on a URL."""
    monkeypatch.chdir(tmp_path)
    Path("orders.kumeo").write_text(FLOW)
    Path("e.jsonl").write_text('{"id": "a"}\n')
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "-", "-q", "--nats")

    def at(url: str) -> Any:
        return kumeo(*arguments, url)

    return at


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


def nkey(folder: Path) -> str:
    """Write a new seed into `user.nk` and return its public key."""
    nkeys: Any = import_module("nkeys")
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    (folder / "user.nk").write_bytes(seed)
    return nkeys.from_seed(bytearray(seed)).public_key.decode()


@pytest.mark.parametrize(("is_known", "code"), [(True, 0), (False, 1)])
def test_run_with_an_nkey_is_let_in_if_the_server_knows_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool, code: int
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    key = nkey(tmp_path)
    allowed = key if is_known else nkey(other)
    monkeypatch.setenv("KUMEO_NATS_NKEY_SEED", str(tmp_path / "user.nk"))
    more = {"authorization": {"users": [{"nkey": allowed}]}}
    with started(tmp_path, more) as port:
        done = run(f"nats://127.0.0.1:{port}")
    assert (done.code, "wrong-credentials" in done.err) == (code, not is_known), done.err
