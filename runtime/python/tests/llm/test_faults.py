"""Every fault of `faults.json` has one outcome, with both protocols, streamed and not."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from kumeo_runtime.agents import LanguageModel, Policy, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.testing.fake_models import FakeModels, Reply, Rule, Script
from kumeo_runtime.values import Failure, Record
from kumeo_runtime.writing import to_json

FILE = Path(__file__).parents[3] / "conformance" / "models" / "faults.json"
WAYS = [(protocol, stream) for protocol in ("openai", "ollama") for stream in (False, True)]


class Assessment(Record):
    level: Literal["low", "high"]
    reason: str | None


def applies(where: Any, protocol: str, stream: bool) -> bool:
    return where.get("protocol", protocol) == protocol and where.get("stream", stream) == stream


def all_cases() -> Iterator[Any]:
    for case in json.loads(FILE.read_text())["cases"]:
        for protocol, stream in WAYS:
            if applies(case.get("only", {}), protocol, stream):
                name = f"{case['name']}-{protocol}{'-stream' if stream else ''}"
                yield pytest.param(case, protocol, stream, id=name)


def wanted(case: Any, protocol: str, stream: bool) -> Any:
    others = (o["gives"] for o in case.get("but", ()) if applies(o, protocol, stream))
    return next(others, case["gives"])


def outcome(case: Any, protocol: str, stream: bool) -> Any:
    """What the agent makes of a fault."""
    settings = {"stream": stream, **case.get("settings", {})}
    timeout_s = case.get("timeout_s", 30.0)
    agent: LanguageModel[Any] = LanguageModel(
        site="a",
        engine=f"{protocol}/m",
        result=Assessment,
        settings=settings,
        policy=Policy(timeout_s=timeout_s),
    )
    script = Script([Rule(msgspec.convert(case["answers"], list[Reply]))])
    with FakeModels(script) as server:
        urls = {"KUMEO_OPENAI_URL": server.openai_url, "KUMEO_OLLAMA_URL": server.url}
        found = asyncio.run(answer_of(agent, urls))
        requests = len(server.requests)
    end = (
        {"code": found.code}
        if isinstance(found, Failure)
        else {"value": to_json(found, Assessment)}
    )
    counters = agent.counters
    tokens = [counters.tokens_in, counters.tokens_out]
    return {**end, "requests": requests, "tokens": tokens, "unknown": counters.unknown_usage}


async def answer_of(agent: LanguageModel[Any], urls: dict[str, str]) -> Any:
    await agent.start(Resources(environ=urls))
    try:
        return await agent(MemoryCall(), prompt="How high?")
    finally:
        await agent.stop()


@pytest.mark.parametrize(("case", "protocol", "stream"), list(all_cases()))
def test_fault_has_its_one_outcome(case: Any, protocol: str, stream: bool) -> None:
    assert outcome(case, protocol, stream) == wanted(case, protocol, stream)


def test_names_of_faults_are_unique() -> None:
    names = [case["name"] for case in json.loads(FILE.read_text())["cases"]]
    assert len(names) == len(set(names))
