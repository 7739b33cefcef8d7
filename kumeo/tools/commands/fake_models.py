"""`kumeo fake-models`: a server that answers like a language model, from a file."""

import contextlib
import os
import re
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console

if TYPE_CHECKING:
    from kumeo_runtime.testing.fake_models import FakeModels, Heard, Script

_SHOWN = 60

_EXAMPLES = """Answer like OpenAI and like Ollama, from a file; no model runs.

The command after `--` runs with KUMEO_OPENAI_URL and KUMEO_OLLAMA_URL set to this server, so a
workflow asks it instead of a model. Without a command the server runs until Ctrl-C.

\b
  kumeo fake-models answers.json -- kumeo run flow.kumeo --input events.jsonl
  kumeo fake-models answers.json --port 8080
  kumeo fake-models - --provider groq < answers.json      also sets KUMEO_GROQ_URL

ANSWERS holds rules. The first rule that fits a question answers it; each request takes the next
answer of the rule. `agent` and `model` are names with `*` and `?`, `prompt` is a regular
expression that is searched for in all messages. All three may be left out.

\b
  {
    "rules": [
      { "prompt": "refund", "answers": [{ "json": { "kind": "refund" } }] },
      { "model": "llama*", "answers": ["first", "second"], "then": "again" },
      { "answers": [{ "fault": { "status": 429, "retry_after_s": 1 } }, "Hello."] }
    ],
    "otherwise": "guess"
  }

An answer is text, or an object:

\b
  text, json         what the model says, as text or as JSON; `times` repeats it
  tool_calls         [{ "name": "stock", "arguments": { "sku": "a" } }]
  refusal, thinking  text
  finish             stop, length, content_filter, or null: the model does not say
  usage              { "tokens_in": 9, "tokens_out": 4, "cached_in": 0 }, or null: not reported
  confidence         how sure a decision is (/v1/decisions)
  wait_s             how long the server thinks
  fault              what goes wrong: status, message, code, body, headers, retry_after_s,
                     retry_date_s, clock_skew_s, drip_s, cut_after, reset_after, error_after

After the last answer of a rule: `"then": "last"` gives it again (when left out), `"again"` begins
anew, `"stop"` leaves the question to the next rules. `otherwise` is `"refuse"` (an error, when left
out), `"guess"` (a value made from the schema of the question), or one answer. `models`, `keys` and
`refuses` say which models exist, which keys are let in, and which parameters a model refuses.
"""


@click.command("fake-models", help=_EXAMPLES, short_help="Answer like a model, from a file.")
@click.argument("answers", metavar="ANSWERS")
@click.argument("program", metavar="[-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port (default: any).")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Another provider.")
@click.option("-q", "--quiet", is_flag=True, help="Do not tell what is asked.")
@click.pass_obj
def command(
    console: Console,
    answers: str,
    program: tuple[str, ...],
    port: int | None,
    providers: tuple[str, ...],
    quiet: bool,
) -> int:
    """Serve until the command ends, or until Ctrl-C."""
    script = _script(console, answers)
    if isinstance(script, int):
        return script
    from kumeo_runtime.testing.fake_models import FakeModels

    def tell(heard: "Heard") -> None:
        if not quiet:
            console.stderr.write(_line(heard) + "\n")
            console.stderr.flush()

    server = FakeModels(script, port=port or 0, on_request=tell)
    try:
        server.start()
    except OSError:
        return _port_in_use(console, port)
    try:
        return _serve(console, server, program, providers)
    finally:
        server.stop()
        if not quiet:
            _tell_unused(console, server)


def _script(console: Console, path: str) -> "Script | int":
    """Return the script of a file, or the exit code after what is wrong was shown."""
    from kumeo_runtime.testing.fake_models import ScriptError, read_script

    from kumeo.tools.answer_faults import answer_fault
    from kumeo.tools.errors import CannotRead

    try:
        data = console.stdin_bytes().read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        console.show([CannotRead(None, path, (error.strerror or str(error)).lower())])
        return WRONG_USAGE
    try:
        return read_script(data)
    except ScriptError as error:
        console.show([answer_fault("<stdin>" if path == "-" else path, data, str(error))])
        return REJECTED


def _port_in_use(console: Console, port: int | None) -> int:
    from kumeo.tools.store_errors import PortInUse

    fix = "leave `--port` out to take any free port, or name another one"
    console.show([PortInUse(None, f"port {port} is in use by another program", fix)])
    return REJECTED


def _serve(
    console: Console, server: "FakeModels", program: tuple[str, ...], providers: tuple[str, ...]
) -> int:
    urls = {"KUMEO_OPENAI_URL": server.openai_url, "KUMEO_OLLAMA_URL": server.url}
    for name in providers:
        urls[f"KUMEO_{re.sub(r'[^A-Z0-9]', '_', name.upper())}_URL"] = server.openai_url
    if program:
        return _run(program, urls)
    console.write("".join(f"export {name}={url}\n" for name, url in urls.items()))
    console.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    return DONE


def _run(program: tuple[str, ...], urls: dict[str, str]) -> int:
    """Run a command that asks this server; return its exit code."""
    try:
        return subprocess.run(program, env={**os.environ, **urls}, check=False).returncode
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise click.UsageError(f"`{program[0]}` cannot be run: {reason}") from None


def _tell_unused(console: Console, server: "FakeModels") -> None:
    for number in server.unused:
        console.stderr.write(f"rule {number} has answered nothing\n")


def _line(heard: "Heard") -> str:
    """Return what is told about one request."""
    if heard.asked is None:
        return f"{heard.path}: refused with {heard.status}"
    rule = {None: "no rule", -1: "otherwise"}.get(heard.rule, f"rule {heard.rule}")
    prompt = " ".join(heard.asked.text.split())
    text = prompt if len(prompt) <= _SHOWN else prompt[: _SHOWN - 1] + "…"
    outcome = heard.status or "reset"
    return f"{heard.asked.model}: {rule}, {outcome}, {heard.seconds * 1000:.0f} ms: {text}"
