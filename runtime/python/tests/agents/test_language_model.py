"""`LanguageModel` over real HTTP: what is sent, what is read, and what goes wrong."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

import pytest
from kumeo_runtime.agents import AgentError, LanguageModel, Policy, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.testing.fake_models import Counts, FakeModels, Fault, Heard, Reply
from kumeo_runtime.values import Failure, Int, Json, Record, Time


class Assessment(Record):
    level: Literal["low", "high"]
    reason: str | None = None


class Words(Record):
    text: str


GOOD = '{"level": "high", "reason": "odd"}'
WANTED = Assessment(level="high", reason="odd")


def openai(text: str, **parts: Any) -> Reply:
    return Reply(text=text, usage=Counts(11, 5), **parts)


def ollama(text: str, **parts: Any) -> Reply:
    return Reply(text=text, usage=Counts(7, 3), **parts)


def raw(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(fault=Fault(status=status, body=body, headers=headers or {}))


def ask(
    server: FakeModels,
    engine: str = "openai/gpt",
    result: Any = Assessment,
    act: MemoryCall | None = None,
    environ: dict[str, str] | None = None,
    inputs: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[Any, LanguageModel[Any]]:
    agent: LanguageModel[Any] = LanguageModel(
        site="assess", engine=engine, result=result, **options
    )
    name = engine.partition("/")[0].upper()
    known = {f"KUMEO_{name}_URL": server.url, **(environ or {})}

    async def run() -> Any:
        await agent.start(Resources(environ=known))
        try:
            return await agent(act or MemoryCall(), **(inputs or {"prompt": "How high?"}))
        finally:
            await agent.stop()

    return asyncio.run(run()), agent


def asked(*answers: Reply, **options: Any) -> tuple[Any, list[Heard]]:
    with FakeModels(*answers) as server:
        found, _ = ask(server, **options)
        return found, server.requests


def failure(code: str, message: str) -> Failure:
    return Failure(code, message, "assess")


def test_openai_is_asked_with_the_schema_and_the_key() -> None:
    settings = {"temperature": 0.5, "max_tokens": 9, "stop": ["."], "seed": 1, "cache": True}
    found, (request,) = asked(
        openai(GOOD),
        settings=settings,
        environ={"KUMEO_OPENAI_KEY": "k-1"},
        inputs={"prompt": "How high?", "system": "Be brief."},
    )
    assert found == WANTED
    assert request.path == "/chat/completions"
    assert request.headers["Authorization"] == "Bearer k-1"
    assert len(request.headers["Idempotency-Key"]) > 20
    assert request.body == {
        "model": "gpt",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "How high?"},
        ],
        "temperature": 0.5,
        "max_tokens": 9,
        "seed": 1,
        "stop": ["."],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
    }


SCHEMA = {
    "type": "object",
    "properties": {
        "level": {"type": "string", "enum": ["low", "high"]},
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["level", "reason"],
    "additionalProperties": False,
}


def test_ollama_is_asked_with_the_schema_as_format() -> None:
    settings = {"temperature": 0.0, "max_tokens": 9}
    found, (request,) = asked(ollama(GOOD), engine="ollama/llama3", settings=settings)
    assert found == WANTED
    assert request.path == "/api/chat"
    assert request.body == {
        "model": "llama3",
        "messages": [{"role": "user", "content": "How high?"}],
        "stream": False,
        "options": {"temperature": 0.0, "num_predict": 9},
        "format": SCHEMA,
    }


def test_model_names_may_hold_slashes() -> None:
    _, (request,) = asked(openai(GOOD), engine="openai/meta/llama")
    assert request.body["model"] == "meta/llama"


def test_free_text_needs_no_schema() -> None:
    found, (request,) = asked(openai("Hello.\n"), result=Words)
    assert found == Words(text="Hello.\n")
    assert "response_format" not in request.body


@pytest.mark.parametrize(
    ("result", "content", "expected"),
    [
        (str, "Hi", "Hi"),
        (Int, '{"value": 5}', 5),
        (Literal["a", "b"], '{"value": "b"}', "b"),
        (list[float], '{"value": [1, 2]}', [1.0, 2.0]),
        (Int | None, '{"value": null}', None),
        (Time, '{"value": "1970-01-01T00:00:01Z"}', Time(1_000_000)),
    ],
)
def test_value_that_is_no_record_is_put_into_one(result: Any, content: str, expected: Any) -> None:
    found, _ = asked(openai(content), result=result)
    assert found == expected


def test_schema_with_free_parts_is_not_strict() -> None:
    _, (request,) = asked(openai('{"value": {"a": 1}}'), result=dict[str, Json])
    assert request.body["response_format"]["json_schema"]["strict"] is False


def test_fenced_json_is_read() -> None:
    found, requests = asked(openai(f"```json\n{GOOD}\n```"))
    assert (found, len(requests)) == (WANTED, 1)


def test_invalid_answer_is_asked_for_again_with_the_reason() -> None:
    found, requests = asked(openai('{"level": "huge"}'), openai(GOOD))
    assert found == WANTED
    first, second = requests
    assert second.body["messages"][:1] == first.body["messages"]
    assert second.body["messages"][1] == {"role": "assistant", "content": '{"level": "huge"}'}
    assert '"huge"' in second.body["messages"][2]["content"]
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


@pytest.mark.parametrize(("reask", "count"), [(0, 1), (1, 2), (3, 4)])
def test_reasking_is_bounded(reask: int, count: int) -> None:
    found, requests = asked(openai("{}"), settings={"reask": reask})
    message = 'agent `assess`: the field "level" is missing'
    assert found == failure("invalid-answer", message)
    assert len(requests) == count


def test_answer_and_usage_are_counted() -> None:
    with FakeModels(ollama("{}"), ollama(GOOD)) as server:
        _, agent = ask(server, engine="ollama/llama3")
    assert (agent.counters.tokens_in, agent.counters.tokens_out) == (14, 6)
    assert (agent.counters.attempts, agent.counters.calls) == (1, 1)


def test_answer_is_kept_and_not_asked_for_again() -> None:
    act = MemoryCall()
    with FakeModels(openai(GOOD)) as server:
        found = [ask(server, act=act)[0] for _ in range(2)]
        assert (found, len(server.requests)) == ([WANTED, WANTED], 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_server_is_asked_again_when_it_says(status: int) -> None:
    busy = raw("wait", status, {"Retry-After": "0"})
    found, requests = asked(busy, busy, openai(GOOD))
    assert (found, len(requests)) == (WANTED, 3)


@pytest.mark.parametrize("is_date", [True, False])
def test_retry_after_is_honoured(is_date: bool) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2)
    header = format_datetime(until, usegmt=True) if is_date else "1"
    begun = time.monotonic()
    found, _ = asked(raw("wait", 429, {"Retry-After": header}), openai(GOOD))
    assert found == WANTED
    assert time.monotonic() - begun >= 0.9


def test_server_that_stays_busy_fails_the_attempt() -> None:
    found, requests = asked(raw("overloaded", 503, {"Retry-After": "0"}))
    assert found == failure("attempt-failed", "the model server answers 503: overloaded")
    assert len(requests) == 3


def test_refused_request_is_not_sent_again() -> None:
    found, requests = asked(raw("bad key", 401))
    assert found == failure("denied", "the model server answers 401: bad key")
    assert len(requests) == 1


def test_lost_connection_is_tried_again() -> None:
    found, requests = asked(Reply(fault=Fault(reset_after=0)), openai(GOOD))
    assert (found, len(requests)) == (WANTED, 2)


def test_server_that_is_not_there_fails_the_attempt() -> None:
    with FakeModels(openai(GOOD)) as server:
        url = server.url
    with FakeModels(openai(GOOD)) as server:
        found, _ = ask(server, environ={"KUMEO_OPENAI_URL": url})
    assert found.code == "attempt-failed"
    assert found.message.startswith(f"{url} cannot be reached: ")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw("<html>"), "attempt-failed"),
        (raw('{"choices": []}'), "attempt-failed"),
        (openai(""), "attempt-failed"),
        (openai("", refusal="I will not"), "refused"),
        (openai(GOOD[:9], finish="length"), "cut-off"),
        (openai("", finish="content_filter"), "filtered"),
    ],
)
def test_response_that_is_no_answer_fails_the_attempt(answer: Reply, code: str) -> None:
    found, _ = asked(answer)
    assert (found.code, found.agent) == (code, "assess")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw('{"error": "no model"}', 404), "unknown-model"),
        (ollama(GOOD, finish="length"), "cut-off"),
        (raw('{"message": {"content": "{}"}, "done": false}'), "truncated-stream"),
        (raw('{"done": true}'), "attempt-failed"),
    ],
)
def test_ollama_response_that_is_no_answer_fails(answer: Reply, code: str) -> None:
    found, _ = asked(answer, engine="ollama/llama3")
    assert found.code == code


def test_slow_answer_is_a_timeout() -> None:
    policy = Policy(timeout_s=0.2)
    found, _ = asked(Reply(wait_s=5.0), policy=policy)
    assert found.code == "timeout"


def test_attempts_follow_the_policy() -> None:
    found, requests = asked(raw("no", 400), openai(GOOD), policy=Policy(attempts=2))
    assert (found, len(requests)) == (WANTED, 2)


@pytest.mark.parametrize("engine", ["llama3", "somebody/model"])
def test_start_refuses_an_engine_that_nobody_knows(engine: str) -> None:
    agent: LanguageModel[Any] = LanguageModel(site="a", engine=engine, result=str)
    with pytest.raises(AgentError) as caught:
        asyncio.run(agent.start(Resources(environ={})))
    assert caught.value.code == "engine-unknown"


def test_other_provider_is_found_by_its_variable() -> None:
    found, (request,) = asked(openai(GOOD), engine="groq/llama", environ={"GROQ_API_KEY": "g"})
    assert found == WANTED
    assert request.headers["Authorization"] == "Bearer g"
