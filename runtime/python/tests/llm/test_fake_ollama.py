"""The official `ollama` client accepts the fake server, and understands each of its faults."""

from typing import Any, Literal

import httpx
import ollama
import pydantic
import pytest
from kumeo_runtime.testing.fake_models import Call, Counts, FakeModels, Fault, Reply, Script, saying

ASK = [{"role": "user", "content": "How high?"}]


class Level(pydantic.BaseModel):
    level: Literal["low", "high"]


def replied(reply: str | Reply, **given: Any) -> Any:
    with FakeModels(reply) as server:
        return ollama.Client(host=server.url, timeout=5.0).chat("m", ASK, **given)


def streamed(reply: str | Reply, **given: Any) -> list[Any]:
    with FakeModels(reply) as server:
        client = ollama.Client(host=server.url, timeout=5.0)
        return list(client.chat("m", ASK, stream=True, **given))


def test_chat_plain_gives_text_and_usage() -> None:
    found = replied(Reply(text="Hi.", usage=Counts(11, 5)))
    assert (found.message.content, found.done_reason) == ("Hi.", "stop")
    assert (found.prompt_eval_count, found.eval_count) == (11, 5)


def test_chat_stream_ends_with_the_usage() -> None:
    parts = streamed(Reply(text="one two three", usage=Counts(11, 5)))
    assert "".join(part.message.content for part in parts) == "one two three"
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert (parts[-1].prompt_eval_count, parts[-1].eval_count) == (11, 5)


def test_chat_request_that_does_not_say_streams() -> None:
    with FakeModels("one two") as server:
        body = {"model": "m", "messages": ASK}
        lines = httpx.post(f"{server.url}/api/chat", json=body).text.splitlines()
    assert len(lines) == 3


def test_chat_format_is_a_schema() -> None:
    found = replied(Reply(json={"level": "high"}), format=Level.model_json_schema())
    assert Level.model_validate_json(found.message.content) == Level(level="high")


def test_chat_format_is_handed_to_the_script() -> None:
    with FakeModels(Script(otherwise="guess")) as server:
        client = ollama.Client(host=server.url)
        found = client.chat("m", ASK, format=Level.model_json_schema())
    assert Level.model_validate_json(found.message.content or "") == Level(level="low")


@pytest.mark.parametrize("ask", [replied, lambda reply, **more: streamed(reply, **more)[0]])
def test_chat_tool_call_has_its_arguments_as_an_object(ask: Any) -> None:
    def stock(sku: str) -> int:
        """Say how many there are."""
        return len(sku)

    found = ask(Reply(tool_calls=[Call("stock", {"sku": "a"})]), tools=[stock])
    (call,) = found.message.tool_calls
    assert (call.function.name, call.function.arguments) == ("stock", {"sku": "a"})


def test_chat_thinking_is_beside_the_text() -> None:
    found = replied(Reply(text="5", thinking="2 and 3"), think=True)
    assert (found.message.thinking, found.message.content) == ("2 and 3", "5")


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
@pytest.mark.parametrize("ask", [replied, streamed])
def test_error_status_is_told(status: int, ask: Any) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        ask(Reply(fault=Fault(status=status, message="no")))
    assert (caught.value.status_code, caught.value.error) == (status, "no")


def test_error_within_a_stream_is_told() -> None:
    with pytest.raises(ollama.ResponseError, match="told to fail"):
        streamed(Reply(text="one two three", fault=Fault(error_after=2)))


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("ask", [replied, streamed])
def test_reset_is_a_lost_connection(after: int, ask: Any) -> None:
    with pytest.raises(httpx.TransportError):
        ask(Reply(text="one two three four", fault=Fault(reset_after=after)))


def test_stream_that_is_cut_never_says_done() -> None:
    parts = streamed(Reply(text="one two three", fault=Fault(cut_after=2)))
    assert [part.done for part in parts] == [False, False]


def test_answer_that_is_too_long_says_so() -> None:
    assert replied(Reply(text="o", finish="length")).done_reason == "length"


def test_unknown_model_is_not_found() -> None:
    with FakeModels(saying("Hi.", models=["llama3"])) as server:
        client = ollama.Client(host=server.url)
        with pytest.raises(ollama.ResponseError, match="model 'm' not found") as caught:
            client.chat("m", ASK)
        assert caught.value.status_code == 404
        assert [model.model for model in client.list().models] == ["llama3"]


def test_show_tells_what_a_model_can() -> None:
    with FakeModels("Hi.") as server:
        found = ollama.Client(host=server.url).show("m")
    assert "tools" in (found.capabilities or [])


def test_embeddings_of_alike_texts_are_near() -> None:
    with FakeModels("Hi.") as server:
        client = ollama.Client(host=server.url)
        found = client.embed("m", ["a red car", "a red bike", "some thing else"], dimensions=32)
    first, second, third = found.embeddings
    near, far = (sum(a * b for a, b in zip(first, o, strict=True)) for o in (second, third))
    assert (len(first), near > 0.5 > far) == (32, True)


def test_chat_without_messages_loads_the_model() -> None:
    with FakeModels("Hi.") as server:
        found = ollama.Client(host=server.url).chat("m")
    assert (found.done_reason, found.message.content) == ("load", "")
