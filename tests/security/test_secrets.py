"""Planted secrets: nothing that a workflow leaves behind holds one of them.

Everything fails that can fail, so that errors are written: the model server answers 401 and repeats
the key, the database refuses the password, the hook refuses the token. Then every file is searched,
the store of messages with its journal and dead letters too, and all that was printed.
"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from kumeo_runtime.testing.fake_models import FakeModels
from kumeo_runtime.testing.fake_models.script import Script

from .conftest import Kumeo

SECRETS = {
    "KUMEO_OPENAI_KEY": "sk-planted-0123456789abcdef",
    "SHOP_DB": "postgresql://shop:planted-password-42@127.0.0.1:1/shop",
    "HOOK_TOKEN": "planted-hook-token-7777",
    "OTHER_KEY": "planted-other-key-5555",
}
NEEDLES = ("sk-planted-0123456789abcdef", "planted-password-42", *list(SECRETS.values())[2:])
FLOW = """schema Order {{ id: string }}
provider vendor {{ url: "{url}", key: secret("OTHER_KEY") }}

workflow Orders {{
  source: NATS("orders", schema: Order)
  target: {{
    out: NATS("orders.out"),
    hook: HTTP("{hook}", auth: {{ bearer: secret("HOOK_TOKEN") }})
  }}
  secrets: ["SHOP_DB", "HOOK_TOKEN", "OTHER_KEY"]
  agents: [
    one = LLM(
      engine: "openai/gpt-x", prompt: "{{{{ source.id }}}}", retry: 1, fallback: {{ text: "none" }}
    )
    two = LLM(engine: "vendor/m", prompt: "{{{{ source.id }}}}", retry: 1)
    emit {{ id: source.id, one: one.text }} to target.hook
    emit {{ id: source.id, two: two.text }} to target.out
  ]
}}
"""


def denying(model: str, key: str) -> dict[str, Any]:
    """Return a rule: a server that repeats the key that it refuses."""
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {key}"}})
    return {"model": model, "answers": [{"fault": {"status": 401, "body": body}}]}


DENIES = {
    "rules": [
        denying("gpt-x", SECRETS["KUMEO_OPENAI_KEY"]),
        denying("m", SECRETS["OTHER_KEY"]),
    ]
}


class Hook(BaseHTTPRequestHandler):
    """Refuses everything, and repeats the token."""

    seen: list[str] = []

    def do_POST(self) -> None:
        token = self.headers.get("Authorization", "")
        Hook.seen.append(token)
        self.send_response(403)
        self.end_headers()
        self.wfile.write(f"no: {token}".encode())

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def hook() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


def found_in(folder: Path) -> list[str]:
    """Return the files that hold a secret, also in other spellings."""
    needles = [needle.encode() for needle in NEEDLES]
    needles += [needle.encode().hex().encode() for needle in NEEDLES]
    return [
        f"{path.relative_to(folder)}: {needle!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for needle in needles
        if needle in path.read_bytes()
    ]


def test_secrets_stand_in_no_file_and_no_message(kumeo: Kumeo, folder: Path, hook: str) -> None:
    script = msgspec.convert(DENIES, Script)
    (folder / "events.jsonl").write_text('{"id": "1"}\n{"id": "2"}\n')
    printed: list[str] = []
    with FakeModels(script) as server:
        (folder / "flow.kumeo").write_text(FLOW.format(url=server.openai_url, hook=hook))
        environ = {**SECRETS, "KUMEO_OPENAI_URL": server.openai_url}
        for command in (
            ("check", "flow.kumeo"),
            ("build", "flow.kumeo", "-o", "built"),
            ("run", "flow.kumeo", "--input", "events.jsonl", "--output", "out.jsonl"),
            ("dlq", "list", "flow.kumeo", "--json"),
            ("status", "flow.kumeo"),
            ("config", "list", "flow.kumeo"),
            ("trace", "flow.kumeo", "1"),
        ):
            done = kumeo(*command, **environ)
            printed.append(done.stdout + done.stderr)
        keys = {heard.headers.get("Authorization", "") for heard in server.requests}
    assert keys <= {f"Bearer {SECRETS['KUMEO_OPENAI_KEY']}", f"Bearer {SECRETS['OTHER_KEY']}"}
    assert server.requests
    assert "denied" in printed[3] or "401" in printed[3]
    (folder / "flow.kumeo").unlink()
    assert [n for n in NEEDLES if n in "".join(printed)] == []
    assert found_in(folder) == []


def test_search_finds_a_secret_that_is_there(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "log").write_bytes(b"x\x00planted-hook-token-7777")
    assert found_in(folder) == ["sub/log: b'planted-hook-token-7777'"]


def test_secret_as_a_literal_is_refused(kumeo: Kumeo, folder: Path) -> None:
    text = FLOW.replace('secret("OTHER_KEY")', '"sk-planted-0123456789abcdef"')
    (folder / "flow.kumeo").write_text(text.format(url="http://127.0.0.1:1/v1", hook="http://x/"))
    done = kumeo("check", "flow.kumeo")
    assert done.returncode == 1
    assert "error[secret-literal]" in done.stdout
