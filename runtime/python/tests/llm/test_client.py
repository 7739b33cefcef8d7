"""The connection to a model server: resends, limits, secrets, and what failures may cost."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from kumeo_runtime.agents import Resources
from kumeo_runtime.llm import connections, waiting
from kumeo_runtime.llm.api import ToolSpec
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.llm.providers import Provider
from kumeo_runtime.testing.fake_models import FakeModels, Fault, Reply
from kumeo_runtime.testing.questions import QUESTION, ask, environ_of, failed, fault_of

STREAM = replace(QUESTION, stream=True)
KEY = "sk-planted-0123456789abcdef"


def faulty(**fault: Any) -> Reply:
    return Reply(text="Quite high, I think.", fault=Fault(**fault))


def test_client_redirect_is_refused_and_not_followed() -> None:
    with FakeModels("stolen") as other:
        away = faulty(status=307, headers={"Location": f"{other.openai_url}/chat/completions"})
        with FakeModels(away) as server:
            fault = failed(server)
        assert (fault.code, fault.may_cost, other.requests) == ("invalid-request", False, [])
    assert "redirects are not followed" in fault.message


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_client_error_that_tells_the_key_is_shown_without_it(status: int) -> None:
    said = faulty(status=status, message=f"bad key {KEY}", headers={"x-should-retry": "false"})
    with FakeModels(said) as server:
        environ = environ_of(server, KUMEO_OPENAI_KEY=KEY)
        fault = asyncio.run(fault_of(ask(environ)))
        assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "bad key ***" in fault.message


@pytest.mark.parametrize(
    "said",
    [
        faulty(body=f'data: {{"error": {{"message": "bad key {KEY}"}}}}\n\n'),
        Reply(refusal=f"Is it {KEY}?"),
    ],
)
def test_client_answer_that_tells_the_key_is_shown_without_it(said: Reply) -> None:
    with FakeModels(said) as server:
        environ = environ_of(server, KUMEO_OPENAI_KEY=KEY)
        fault = asyncio.run(fault_of(ask(environ, question=STREAM)))
    assert (KEY in fault.message, "***" in fault.message) == (False, True)


def test_client_objects_do_not_show_the_key() -> None:
    async def shown() -> str:
        environ = {"KUMEO_OPENAI_URL": "http://127.0.0.1:1", "KUMEO_OPENAI_KEY": KEY}
        exchange = exchange_of("openai/m", (), Resources(environ=environ), "a")
        client: Any = exchange._client
        text = f"{exchange!r} {client!r} {client.server!r}"
        await exchange.close()
        return text

    assert KEY not in asyncio.run(shown())


@pytest.mark.parametrize("engine", ["openai/m", "ollama/m"])
@pytest.mark.parametrize("stream", [False, True])
def test_client_error_with_status_200_is_told(engine: str, stream: bool) -> None:
    with FakeModels(faulty(body='{"error": {"message": "no engine"}}')) as server:
        fault = failed(server, engine=engine, question=replace(QUESTION, stream=stream))
    assert fault.message == "the server ends the answer: no engine"


def test_client_packed_answer_is_not_unpacked() -> None:
    with FakeModels(faulty(headers={"Content-Encoding": "gzip"})) as server:
        fault = failed(server)
        assert server.requests[0].headers["Accept-Encoding"] == "identity"
    assert (fault.code, "gzip" in fault.message) == ("attempt-failed", True)


def test_client_packed_error_is_not_unpacked() -> None:
    with FakeModels(faulty(status=400, headers={"Content-Encoding": "gzip"})) as server:
        assert (failed(server).code, len(server.requests)) == ("invalid-request", 1)


def test_client_large_error_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ANSWER_MAX", 1000)
    with FakeModels(faulty(status=400, body="x" * 2000)) as server:
        assert failed(server).code == "too-large"


def test_client_stream_without_line_breaks_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ANSWER_MAX", 1000)
    with FakeModels(faulty(body="x" * 2000)) as server:
        assert failed(server, question=STREAM).code == "too-large"


def test_client_stream_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STREAM_MAX", 1000)
    with FakeModels(faulty(body="x\n" * 2000)) as server:
        assert failed(server, question=STREAM).code == "too-large"


@pytest.mark.parametrize("reset_after", [0, 1])
def test_client_lost_request_is_told_with_the_answer(reset_after: int) -> None:
    with FakeModels(faulty(reset_after=reset_after), "Hi.") as server:
        reply = asyncio.run(ask(environ_of(server)))
    assert (reply.text, reply.lost) == ("Hi.", 1)


def test_client_pause_beyond_the_deadline_is_not_made() -> None:
    with FakeModels(faulty(status=429, retry_after_s=2), "Hi.") as server:
        fault = failed(server, seconds=1.0)
    assert (fault.code, fault.may_cost) == ("rate-limited", False)


def test_client_busy_server_has_lost_nothing() -> None:
    with FakeModels(faulty(status=429, retry_after_s=0), "Hi.") as server:
        assert asyncio.run(ask(environ_of(server))).lost == 0


@pytest.mark.parametrize(
    ("fault", "code", "may_cost"),
    [
        ({"status": 400}, "invalid-request", False),
        ({"status": 400, "code": "content_filter"}, "filtered", False),
        ({"status": 401}, "denied", False),
        ({"status": 402}, "denied", False),
        ({"status": 404}, "unknown-model", False),
        ({"status": 501}, "attempt-failed", False),
        ({"status": 429, "code": "insufficient_quota"}, "rate-limited", False),
        ({"status": 504, "headers": {"x-should-retry": "false"}}, "attempt-failed", True),
        ({"status": 503, "headers": {"x-should-retry": "false"}}, "attempt-failed", False),
        ({"body": "no JSON"}, "attempt-failed", True),
    ],
)
def test_client_failure_says_whether_it_may_cost(fault: Any, code: str, may_cost: bool) -> None:
    with FakeModels(faulty(**fault)) as server:
        found = failed(server)
        assert len(server.requests) == 1
    assert (found.code, found.may_cost) == (code, may_cost)


def test_client_failure_after_a_lost_request_may_cost() -> None:
    with FakeModels(faulty(reset_after=0), faulty(status=400)) as server:
        fault = failed(server)
    assert (fault.code, fault.may_cost) == ("invalid-request", True)


def test_client_server_that_does_not_run_costs_nothing() -> None:
    with FakeModels("Hi.") as server:
        environ = environ_of(server)
    fault = asyncio.run(fault_of(ask(environ)))
    assert (fault.code, fault.may_cost) == ("attempt-failed", False)


def test_client_connection_that_is_not_made_in_time_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "CONNECT_S", 0.05)
    monkeypatch.setattr(waiting, "PAUSE_S", 0.0)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (first, second):  # nobody accepts, so later ones wait
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        environ = {"KUMEO_OPENAI_URL": f"http://127.0.0.1:{full.getsockname()[1]}"}
        fault = asyncio.run(fault_of(ask(environ)))
    assert (fault.code, fault.may_cost) == ("attempt-failed", False)


def test_client_goes_through_the_proxy_of_the_environment() -> None:
    with FakeModels("Hi.") as proxy:
        environ = {"KUMEO_CLOUD_URL": "http://models.invalid/v1", "HTTP_PROXY": proxy.url}
        assert asyncio.run(ask(environ, "cloud/m")).text == "Hi."


def test_client_proxy_that_does_not_run_is_shown_without_its_password() -> None:
    proxy = "http://user:hunter2@127.0.0.1:1"
    environ = {"KUMEO_CLOUD_URL": "http://models.invalid/v1", "HTTP_PROXY": proxy}
    fault = asyncio.run(fault_of(ask(environ, "cloud/m")))
    assert (fault.code, "hunter2" in fault.message) == ("attempt-failed", False)


def test_client_tools_of_a_model_that_calls_none_are_not_sent() -> None:
    asked = replace(QUESTION, tools=(ToolSpec("stock", "How many.", {"type": "object"}),))
    block = Provider("openai", capabilities={"m": {"tools": False}})
    with FakeModels("Hi.") as server:
        fault = failed(server, question=asked, providers=(block,))
        assert (fault.code, fault.may_cost, server.requests) == ("invalid-request", False, [])


def test_client_deadline_that_has_passed_sends_nothing() -> None:
    with FakeModels("Hi.") as server:
        fault = failed(server, seconds=-1.0)
        assert (fault.code, fault.may_cost, server.requests) == ("timeout", False, [])


def test_client_requests_of_one_question_have_one_key() -> None:
    with FakeModels(faulty(status=503, retry_after_s=0), "Hi.") as server:
        asyncio.run(ask(environ_of(server)))
        assert [heard.headers["Idempotency-Key"] for heard in server.requests] == ["k", "k"]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []
    original: Any = aiohttp.TCPConnector._create_connection

    async def create(self: Any, *given: Any) -> Any:
        made.append(given)
        return await original(self, *given)

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", create)
    return made


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("engine", ["openai/m", "ollama/m"])
def test_client_connections_are_used_again_by_all_agents(
    monkeypatch: pytest.MonkeyPatch, engine: str, stream: bool
) -> None:
    made = counted(monkeypatch)

    async def twice(environ: dict[str, str]) -> None:
        kept = exchange_of(engine, (), Resources(environ=environ), "keeps the pool")
        for _ in range(2):
            await ask(environ, engine, question=replace(QUESTION, stream=stream))
        await kept.close()

    # The stream ends a moment after the model has said that there is no more.
    with FakeModels(Reply(text="Quite.", fault=Fault(drip_s=0.01))) as server:
        asyncio.run(twice(environ_of(server)))
    assert len(made) == 1


def test_client_last_user_closes_the_connections() -> None:
    async def session(environ: dict[str, str]) -> aiohttp.ClientSession:
        first, second = (
            exchange_of("openai/m", (), Resources(environ=environ), name) for name in "ab"
        )
        deadline = asyncio.get_running_loop().time() + 5
        await first.ask(QUESTION, key="k", deadline=deadline)
        found = connections.pool().session
        await first.close()
        await first.close()
        assert not found.closed
        await second.close()
        return found

    with FakeModels("Quite.") as server:
        assert asyncio.run(session(environ_of(server))).closed


def test_client_stream_tells_when_it_began() -> None:
    with FakeModels("one two three") as server:
        reply = asyncio.run(ask(environ_of(server), question=STREAM))
    assert reply.first_s is not None
    assert 0.0 < reply.first_s <= reply.seconds


def test_client_whole_answer_to_a_stream_is_read_by_ollama() -> None:
    body = '{"message":{"content":"Hi."},"done":true,"eval_count":1,"prompt_eval_count":2}'
    with FakeModels(faulty(body=body)) as server:
        reply = asyncio.run(ask(environ_of(server), "ollama/m", question=STREAM))
    assert (reply.text, reply.usage.tokens_in) == ("Hi.", 2)


@pytest.mark.parametrize("url", ["http://models.example.com/v1", "http://127.0.0.1:9"])
def test_client_tells_agents_only_to_servers_on_this_computer(url: str) -> None:
    async def headers() -> Any:
        resources = Resources(environ={"KUMEO_OPENAI_URL": url})
        exchange = exchange_of("openai/m", (), resources, "triage")
        found: Any = exchange._client
        await exchange.close()
        return found._headers

    assert ("X-Kumeo-Agent" in asyncio.run(headers())) == ("127.0.0.1" in url)
