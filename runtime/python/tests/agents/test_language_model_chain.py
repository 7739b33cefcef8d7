"""Chains, tools, decisions, streams and repairs of language models, against the fake server."""

import asyncio
import logging
from typing import Any

import pytest
from kumeo_runtime.agents import (
    AgentError,
    AwaitedAgent,
    LanguageModel,
    Policy,
    Resources,
    UserCode,
    language_model,
)
from kumeo_runtime.llm.conversation import CALLS_MAX
from kumeo_runtime.llm.tape import TEXT_MAX, Said
from kumeo_runtime.llm.tools import Tool
from kumeo_runtime.testing.asked import (
    CHAIN,
    GONE,
    USED,
    Asked,
    Verdict,
    events,
    high,
    per_model,
    said,
    sharing,
)
from kumeo_runtime.testing.calls import LeaseError, MemoryCall, MemoryJournal
from kumeo_runtime.testing.fake_models import Call, FakeModels, Reply, Rule, Script
from kumeo_runtime.values import Failure, Int
from msgspec import msgpack

# -- chains


def test_next_engine_answers_for_one_that_cannot() -> None:
    asked = Asked(per_model(GONE, high()), CHAIN)
    assert (asked.found, asked.models) == (Verdict(level="high"), ["a", "b"])
    assert asked.agent.counters.fallbacks == 1


def test_next_engine_answers_for_one_whose_answers_do_not_fit() -> None:
    asked = Asked(per_model("nonsense", high()), CHAIN)
    assert (asked.found, asked.models) == (Verdict(level="high"), ["a", "a", "b"])


def test_failure_of_the_last_engine_is_that_of_the_chain() -> None:
    asked = Asked(per_model(GONE, "nonsense"), CHAIN)
    assert (asked.code, asked.models) == ("invalid-answer", ["a", "b", "b"])


def test_round_robin_begins_where_the_activation_says() -> None:
    settings = {**CHAIN, "strategy": "round_robin"}
    asked = [Asked(said(high()), settings, acts=events(40)).models for _ in range(2)]
    assert asked[0] == asked[1]
    assert 8 < asked[0].count("a") < 32


def test_round_robin_goes_round_when_an_engine_cannot() -> None:
    settings = {**CHAIN, "strategy": "round_robin"}
    asked = Asked(per_model(GONE, high()), settings, acts=events(10))
    assert asked.found == [Verdict(level="high")] * 10


def test_slow_engine_leaves_time_for_the_next_one() -> None:
    slow = high(wait_s=5.0)
    asked = Asked(per_model(slow, high()), CHAIN, policy=Policy(timeout_s=2.0))
    assert (asked.found, asked.models) == (Verdict(level="high"), ["a", "b"])


def recorded(*entries: Said) -> MemoryCall:
    """Return an activation whose journal holds answers of an earlier delivery."""
    act = MemoryCall()
    for number, entry in enumerate(entries, 1):
        asyncio.run(act.journal.record("judge/ask", (), entry, Said, attempt=number))
    return act


def test_engine_that_was_passed_over_is_not_asked_later() -> None:
    act = recorded(Said(1, 1, text="nonsense"))
    asked = Asked(said(high()), CHAIN, acts=[act])
    assert (asked.found, asked.models) == (Verdict(level="high"), ["b"])


def test_recorded_answer_is_taken_by_the_engine_that_gave_it() -> None:
    # A budget refused the correction of the first engine, and the second one was asked.
    act = recorded(Said(1, 0, text="nonsense"), Said(1, 1, text="nonsense"))
    asked = Asked(said(high()), CHAIN, acts=[act])
    assert (asked.found, asked.models) == (Verdict(level="high"), ["b"])
    assert "cannot be used" in asked.requests[0].body["messages"][-1]["content"]


def test_recorded_answer_wins_over_the_cache() -> None:
    state = sharing(1)[0].state
    first, second = MemoryCall("e0", state=state), recorded(Said(1, 0, text='{"level": "low"}'))
    second.state = state
    asked = Asked(said(high()), {"cache": True}, acts=[first, second])
    assert asked.found == [Verdict(level="high"), Verdict(level="low")]


def test_answer_that_no_entry_can_hold_is_too_large() -> None:
    act = MemoryCall()
    asked = Asked(said(Reply(text="long ", times=TEXT_MAX, usage=USED)), acts=[act], result=str)
    assert (asked.code, told(act).tokens_in) == ("too-large", 100)


def test_answer_that_the_journal_refuses_is_not_used() -> None:
    class Full(MemoryJournal):
        async def record(
            self, site: str, path: Any, value: Any, type: Any, attempt: int = 0
        ) -> Any:
            given = Failure("result-too-large", "no room") if "/ask" in site else value
            return await super().record(site, path, given, type, attempt)

    act = MemoryCall()
    act.journal = Full()
    asked = Asked(said(high()), acts=[act])
    assert (asked.code, asked.agent.counters.tokens_in) == ("result-too-large", 100)


# -- tools


def tool(effects: Any = "read") -> Tool:
    agent: UserCode[Int] = UserCode(
        site="judge.stock", target="operator:index", result=Int, effects=effects
    )
    return Tool("stock", agent, {"n": Int}, "How many there are.")


def test_tool_is_called_and_its_result_is_read() -> None:
    call = Reply(tool_calls=[Call("stock", {"n": 42})], usage=USED)
    asked = Asked(said(call, high()), tools=(tool(),))
    assert asked.found == Verdict(level="high")
    first, second = asked.requests
    assert first.body["tools"][0]["function"]["name"] == "stock"
    assert second.body["messages"][-1]["role"] == "tool"
    assert second.body["messages"][-1]["content"] == "42"
    assert asked.agent.counters.tool_calls == 1


def test_same_tool_gives_a_new_result_in_each_step() -> None:
    calls = [Reply(tool_calls=[Call("stock", {"n": n})]) for n in (1, 2)]
    asked = Asked(said(*calls, high()), tools=(tool(),))
    told = [
        each["content"] for each in asked.requests[2].body["messages"] if each["role"] == "tool"
    ]
    assert told == ["1", "2"]


def test_bad_arguments_are_told_to_the_model() -> None:
    call = Reply(tool_calls=[Call("stock", {"n": "many"})])
    asked = Asked(said(call, high()), tools=(tool(),))
    assert "the argument `n`" in asked.requests[1].body["messages"][-1]["content"]


def test_steps_with_tools_are_bounded() -> None:
    call = Reply(tool_calls=[Call("stock", {"n": 1})])
    asked = Asked(said(call), {"max_steps": 3}, tools=(tool(),))
    assert (asked.code, len(asked.requests)) == ("too-many-steps", 4)
    assert asked.agent.counters.tool_calls == 3


@pytest.mark.parametrize(("effects", "calls"), [("acts", 1), ("read", 2)])
def test_next_engine_goes_on_after_a_tool_that_acts(effects: Any, calls: int) -> None:
    call = Reply(tool_calls=[Call("stock", {"n": 42})])
    first, knows = Rule([call, GONE], model="a"), Rule([high()], prompt="42", model="b")
    script = Script([first, knows, Rule([call], model="b")])
    asked = Asked(script, CHAIN, tools=(tool(effects),))
    assert asked.found == Verdict(level="high")
    assert asked.models[:3] == ["a", "a", "b"]
    assert asked.agent.counters.tool_calls == calls


@pytest.mark.parametrize(("count", "calls"), [(CALLS_MAX, CALLS_MAX), (CALLS_MAX + 1, 0)])
def test_calls_of_tools_in_one_answer_are_bounded(count: int, calls: int) -> None:
    many = Reply(tool_calls=[Call("stock", {"n": 1})] * count)
    asked = Asked(said(many, high()), tools=(tool(),))
    assert asked.agent.counters.tool_calls == calls
    assert asked.found == Verdict(level="high") if calls else asked.code == "too-many-steps"


def test_tool_that_hangs_ends_with_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(AwaitedAgent[Int]):
        async def work(self, act: Any, path: Any, inputs: Any) -> Int:
            return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(language_model, "TIMEOUT_S", 1.0)
    hanging = Tool("stock", Hanging(site="judge.stock", result=Int), {"n": Int})
    asked = Asked(said(Reply(tool_calls=[Call("stock", {"n": 1})])), tools=(hanging,))
    assert (asked.code, asked.found.message) == ("timeout", "the tool `stock` took too long")


def test_cache_with_a_tool_that_acts_is_refused() -> None:
    with pytest.raises(AgentError) as caught:
        Asked(said(high()), {"cache": True}, tools=(tool("acts"),))
    assert caught.value.code == "setting-unsupported"


def test_lost_lease_asks_nothing() -> None:
    act = MemoryCall()
    act.lost_after = 1
    with FakeModels(said(high())) as server:
        agent: LanguageModel[Any] = LanguageModel(site="judge", engine="ollama/b", result=Verdict)

        async def run() -> None:
            await agent.start(Resources(environ={"KUMEO_OLLAMA_URL": server.url}))
            try:
                await agent(act, prompt="How high?")
            finally:
                await agent.stop()

        with pytest.raises(LeaseError):
            asyncio.run(run())
        assert server.requests == []


# -- decisions and streams


def told(act: MemoryCall) -> Said:
    """Return the first recorded answer of a call."""
    found = act.journal.entries["judge/ask", (), 1]
    assert isinstance(found, bytes)
    return msgpack.decode(found, type=Said)


def test_decision_is_made_where_the_server_offers_it() -> None:
    act, can = MemoryCall(), {"a": {"decisions": True}}
    reply = Reply(json="high", confidence=0.75, usage=USED)
    asked = Asked(said(reply), {"mode": "decision"}, acts=[act], capabilities=can)
    assert asked.found == Verdict(level="high")
    assert asked.requests[0].path == "/v1/decisions"
    assert told(act).probabilities == {"level": {"low": 0.25, "high": 0.75}}
    assert asked.agent.counters.tokens_in == 100


def test_decision_elsewhere_claims_no_probabilities() -> None:
    act = MemoryCall()
    asked = Asked(said(high()), {"mode": "decision"}, acts=[act])
    assert asked.found == Verdict(level="high")
    assert "response_format" in asked.requests[0].body
    assert told(act).probabilities is None


@pytest.mark.parametrize("value", [True, False])
def test_decision_alone_is_a_bool(value: bool) -> None:
    can = {"a": {"decisions": True}}
    reply = Reply(json=value)
    asked = Asked(said(reply), {"mode": "decision"}, capabilities=can, result=bool)
    assert asked.found is value


@pytest.mark.parametrize("engine", ["openai/a", "ollama/b"])
def test_stream_gives_the_same_and_the_time_of_its_first_token(engine: str) -> None:
    asked = Asked(said(high()), {"stream": True}, engine=engine)
    assert (asked.found, asked.requests[0].body["stream"]) == (Verdict(level="high"), True)
    counters = asked.agent.counters
    assert (counters.streams, counters.tokens_in) == (1, 100)
    assert 0.0 < counters.first_token_seconds <= counters.seconds


# -- logs


def test_prompts_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Asked(said(high()))
    assert "How high?" not in caplog.text


def test_prompts_are_logged_without_secrets_when_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    environ = {"KUMEO_LOG_PROMPTS": "1", "SHOP_TOKEN": "t0psecret", "KUMEO_OPENAI_KEY": "k-99999"}
    answer = "Use t0psecret, k-99999 or sk-abcdefghijkl."
    with caplog.at_level(logging.INFO, logger="kumeo.llm"):
        Asked(said(answer), environ=environ, result=str)
    assert "How high?" in caplog.text
    assert "Use ***, *** or ***." in caplog.text


# -- repairs


@pytest.mark.parametrize(
    "text",
    [
        '<think>low or high?</think>\n{"level": "high"}',
        'Of course:\n```json\n{"level": "high"}\n```',
        "{level: 'high',}",
    ],
)
def test_answer_that_can_be_repaired_is_not_asked_for_again(text: str) -> None:
    asked = Asked(said(text))
    assert (asked.found, len(asked.requests)) == (Verdict(level="high"), 1)
    assert asked.agent.counters.repaired == 1


def test_two_different_answers_are_asked_for_again() -> None:
    asked = Asked(said('{"level": "low"} {"level": "high"}', high()))
    assert (asked.found, len(asked.requests)) == (Verdict(level="high"), 2)
