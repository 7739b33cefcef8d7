"""Tools of language models: what a model may write as arguments, and what it reads."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from kumeo_runtime.agents import AwaitedAgent, PureAgent
from kumeo_runtime.llm.tools import Tool, Toolbox
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Fault, Int


class Stock(AwaitedAgent[Int]):
    """Counts its runs."""

    runs = 0

    async def work(self, act: Any, path: Any, inputs: Mapping[str, Any]) -> Int:
        self.runs += 1
        if inputs["sku"] == "gone":
            raise Fault("attempt-failed", "no such thing")
        return len(inputs["sku"])


class Twice(PureAgent[float]):
    def compute(self, inputs: Mapping[str, Any]) -> float:
        return inputs["n"] * 2


def box(agent: Any = None) -> Toolbox:
    stock = Tool("stock", agent or Stock(site="m.stock", result=Int), {"sku": str, "n": Int | None})
    return Toolbox((stock, Tool("twice", Twice(site="m.twice", result=float), {"n": float})))


def called(name: str, arguments: Any, agent: Any = None, act: MemoryCall | None = None) -> Any:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    found = asyncio.run(box(agent).call(act or MemoryCall(), (1, 0), name, text))
    return json.loads(found)


def test_result_is_json_for_the_model() -> None:
    assert called("stock", {"sku": "abc"}) == 3


def test_pure_agent_is_called_like_a_function() -> None:
    assert called("twice", {"n": 2}) == 4.0


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("stok", {}, "there is no tool `stok`, only stock, twice"),
        ("stock", "{", "the arguments are no JSON"),
        ("stock", [1], "the arguments are no object"),
        ("stock", {}, "the argument `sku` is missing"),
        ("stock", {"sku": 5}, "the argument `sku`: expected text, not 5"),
        ("stock", {"sku": "a", "all": 1}, "there is no argument `all`, only sku, n"),
    ],
)
def test_call_that_does_not_fit_is_told_to_the_model(
    name: str, arguments: Any, problem: str
) -> None:
    agent = Stock(site="m.stock", result=Int)
    assert called(name, arguments, agent) == {"error": problem}
    assert agent.runs == 0


def test_empty_arguments_are_none() -> None:
    assert called("twice", "") == {"error": "the argument `n` is missing"}


def test_failed_tool_is_told_to_the_model() -> None:
    assert called("stock", {"sku": "gone"}) == {"error": "attempt-failed: no such thing"}


def test_tool_runs_once_for_a_place_in_the_journal() -> None:
    agent, act = Stock(site="m.stock", result=Int), MemoryCall()
    assert [called("stock", {"sku": "abc"}, agent, act) for _ in range(2)] == [3, 3]
    assert agent.runs == 1


def test_result_without_a_json_form_is_an_error() -> None:
    found = called("twice", {"n": 1e308})
    assert found == {"error": "inf has no JSON form"}


def test_schema_of_arguments_requires_all() -> None:
    schema = box().tools["stock"].schema
    assert schema["required"] == ["sku", "n"]
    assert schema["properties"]["n"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schema["additionalProperties"] is False


def test_arguments_that_may_be_null_may_be_missing() -> None:
    found = box().tools["stock"].arguments('{"sku": "a"}')
    assert not isinstance(found, Failure)
    assert found == {"sku": "a", "n": None}
