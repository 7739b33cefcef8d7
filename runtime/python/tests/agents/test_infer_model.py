"""`InferModel`: values at its border, batches, rows that fail alone, limits."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal

import pytest
from kumeo_runtime.agents import AgentError, InferModel, ModelSettings, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Int, Record
from onnx import TensorProto, helper

Night = Literal["no", "yes"]
DOUBLE, INT64, BOOL = TensorProto.DOUBLE, TensorProto.INT64, TensorProto.BOOL


class Sum(Record):
    total: float
    night: Night
    both: list[float]
    ok: bool


class One(Record):
    y: float


def tensor(name: str, kind: int, *shape: Any) -> Any:
    return helper.make_tensor_value_info(name, kind, ["batch", *shape])


def graph(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: Any = ()) -> bytes:
    made = helper.make_graph(nodes, "g", inputs, outputs, list(weights))
    opset = helper.make_opsetid("", 21)
    return helper.make_model(made, opset_imports=[opset], ir_version=10).SerializeToString()


ADD = graph(
    [
        helper.make_node("Add", ["a", "b"], ["total"]),
        helper.make_node("Identity", ["night_in"], ["night"]),
        helper.make_node("Unsqueeze", ["a", "one"], ["a1"]),
        helper.make_node("Unsqueeze", ["b", "one"], ["b1"]),
        helper.make_node("Concat", ["a1", "b1"], ["both"], axis=1),
        helper.make_node("Identity", ["flag"], ["ok"]),
    ],
    [tensor("a", DOUBLE), tensor("b", DOUBLE), tensor("night_in", INT64), tensor("flag", BOOL)],
    [
        tensor("total", DOUBLE),
        tensor("night", INT64),
        tensor("both", DOUBLE, 2),
        tensor("ok", BOOL),
    ],
    [helper.make_tensor("one", INT64, [1], [1])],
)
TAKES = {"a": float, "b": (float, None), "night_in": (Night, None), "flag": bool}
PICK = graph(
    [helper.make_node("Gather", ["table", "i"], ["y"])],
    [tensor("i", INT64)],
    [tensor("y", DOUBLE)],
    [helper.make_tensor("table", DOUBLE, [3], [1.0, 2.0, 4.0])],
)
"""An index out of range fails the whole run of ONNX Runtime."""


def resources(folder: Path, data: bytes, **models: Any) -> Resources:
    (folder / "artifacts").mkdir(exist_ok=True)
    (folder / "artifacts" / "m.onnx").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    settings = ModelSettings(**models)
    return Resources(package=folder, artifacts={"m.onnx": digest}, models=settings)


def using(
    given: Resources,
    agent: InferModel[Any],
    body: Callable[[InferModel[Any]], Coroutine[Any, Any, Any]],
) -> Any:
    async def main() -> Any:
        await agent.start(given)
        try:
            return await body(agent)
        finally:
            await agent.stop()

    return asyncio.run(main())


def adding(folder: Path, **inputs: Any) -> Any:
    agent: InferModel[Sum] = InferModel(site="n", artifact="m.onnx", takes=TAKES, result=Sum)
    return using(resources(folder, ADD), agent, lambda n: n(MemoryCall(), **inputs))


def picking(folder: Path, indices: list[Any], **models: Any) -> tuple[list[Any], InferModel[One]]:
    agent: InferModel[One] = InferModel(
        site="pick", artifact="m.onnx", takes={"i": Int}, result=One
    )

    async def body(agent: InferModel[One]) -> list[Any]:
        calls = [agent(MemoryCall(), i=i) for i in indices]
        return list(await asyncio.gather(*calls))

    return using(resources(folder, PICK, **models), agent, body), agent


def test_infer_model_values_of_every_type_cross_the_border(tmp_path: Path) -> None:
    found = adding(tmp_path, a=1.5, b=2.0, night_in="yes", flag=True)
    assert found == Sum(total=3.5, night="yes", both=[1.5, 2.0], ok=True)


def test_infer_model_null_number_is_nan(tmp_path: Path) -> None:
    found = adding(tmp_path, a=1.5, b=None, night_in="no", flag=False)
    assert found.total != found.total
    assert found.night == "no"


def test_infer_model_index_without_state_fails_its_row(tmp_path: Path) -> None:
    found = adding(tmp_path, a=1.5, b=2.0, night_in=None, flag=False)
    assert found == Failure("model-failed", "output `night`: there is no state -1", "n")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": "x"}, "input `a`: 'x' is not a number"),
        ({"a": True}, "input `a`: True is not a number"),
        ({"a": None}, "input `a`: None is not a number"),
        ({"night_in": "noon"}, "input `night_in`: 'noon' is not one of no, yes"),
        ({"flag": 1}, "input `flag`: 1 is not true or false"),
    ],
)
def test_infer_model_wrong_value_is_a_failure(tmp_path: Path, given: Any, message: str) -> None:
    found = adding(tmp_path, **{"a": 1.0, "b": 2.0, "night_in": "no", "flag": True, **given})
    assert found == Failure("model-failed", message, "n")


def test_infer_model_failed_input_is_its_result(tmp_path: Path) -> None:
    failure = Failure("no-case", "nothing fits", "earlier")
    assert adding(tmp_path, a=1.0, b=failure, night_in="no", flag=True) is failure


def test_infer_model_integer_of_more_than_64_bits_fails_alone(tmp_path: Path) -> None:
    found, _ = picking(tmp_path, [0, 2**63, 2])
    assert [type(each) for each in found] == [One, Failure, One]


def test_infer_model_concurrent_calls_share_runs(tmp_path: Path) -> None:
    found, agent = picking(tmp_path, [i % 3 for i in range(200)])
    assert [each.y for each in found] == [(1.0, 2.0, 4.0)[i % 3] for i in range(200)]
    assert agent.counters.batches == 2
    assert agent.counters.largest_batch == 199


def test_infer_model_failed_input_is_the_failure_of_its_row_alone(tmp_path: Path) -> None:
    failure = Failure("gone", "no value", agent="before")
    found, agent = picking(tmp_path, [0, failure, 1, "x"])
    assert (found[0], found[1], found[2]) == (One(y=1.0), failure, One(y=2.0))
    assert found[3].agent == "pick"
    assert (agent.counters.cancelled, agent.counters.failures) == (1, 1)


def test_infer_model_batch_holds_at_most_max_batch_rows(tmp_path: Path) -> None:
    _, agent = picking(tmp_path, [0] * 101, max_batch=25)
    assert agent.counters.largest_batch == 25
    assert agent.counters.batches == 5


def test_infer_model_row_that_breaks_the_run_leaves_its_neighbours_whole(tmp_path: Path) -> None:
    bad = {7, 8, 63}
    found, agent = picking(tmp_path, [99 if at in bad else at % 3 for at in range(64)])
    assert {at for at, each in enumerate(found) if isinstance(each, Failure)} == bad
    assert [each.y for at, each in enumerate(found) if at not in bad] == [
        (1.0, 2.0, 4.0)[at % 3] for at in range(64) if at not in bad
    ]
    assert found[7].code == "model-failed"
    assert found[7].agent == "pick"
    assert agent.counters.failures == 3


def test_infer_model_lonely_call_does_not_wait_for_a_turn(tmp_path: Path) -> None:
    agent: InferModel[One] = InferModel(
        site="pick", artifact="m.onnx", takes={"i": Int}, result=One
    )

    async def body(agent: InferModel[One]) -> Any:
        call = agent(MemoryCall(), i=1)
        with pytest.raises(StopIteration) as ended:
            call.send(None)
        return ended.value.value

    assert using(resources(tmp_path, PICK), agent, body) == One(y=2.0)


def test_infer_model_max_wait_lets_calls_of_later_turns_join(tmp_path: Path) -> None:
    agent: InferModel[One] = InferModel(
        site="pick", artifact="m.onnx", takes={"i": Int}, result=One, max_wait_s=0.05
    )

    async def body(agent: InferModel[One]) -> Any:
        first = asyncio.ensure_future(agent(MemoryCall(), i=0))
        await asyncio.sleep(0.005)
        second = asyncio.ensure_future(agent(MemoryCall(), i=1))
        return await asyncio.gather(first, second)

    assert using(resources(tmp_path, PICK), agent, body) == [One(y=1.0), One(y=2.0)]
    assert agent.counters.batches == 1
    assert agent.counters.queue_seconds > 0.04


def test_infer_model_caller_that_goes_away_does_not_disturb_the_others(tmp_path: Path) -> None:
    agent: InferModel[One] = InferModel(
        site="pick", artifact="m.onnx", takes={"i": Int}, result=One
    )

    async def body(agent: InferModel[One]) -> Any:
        calls = [asyncio.ensure_future(agent(MemoryCall(), i=i)) for i in (0, 1, 2)]
        await asyncio.sleep(0)
        calls[1].cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    found = using(resources(tmp_path, PICK), agent, body)
    assert (found[0], found[2]) == (One(y=1.0), One(y=4.0))
    assert isinstance(found[1], asyncio.CancelledError)


# -- slow models

SIZE = 700
MATRIX = helper.make_tensor("m", DOUBLE, [SIZE, SIZE], [1.0 / SIZE] * (SIZE * SIZE))
SLOW = graph(
    [
        helper.make_node("Unsqueeze", ["x", "one"], ["c"]),
        helper.make_node("Expand", ["c", "shape"], ["v0"]),
        *[helper.make_node("MatMul", [f"v{i}", "m"], [f"v{i + 1}"]) for i in range(40)],
        helper.make_node("ReduceMean", ["v40", "one"], ["y"], keepdims=0),
    ],
    [tensor("x", DOUBLE)],
    [tensor("y", DOUBLE)],
    [
        helper.make_tensor("one", INT64, [1], [1]),
        helper.make_tensor("shape", INT64, [2], [1, SIZE]),
        MATRIX,
    ],
)
"""About 20 million multiply-adds for each row."""


def slow(**options: Any) -> InferModel[One]:
    return InferModel(site="slow", artifact="m.onnx", takes={"x": float}, result=One, **options)


def test_infer_model_slow_graph_lets_the_loop_go_on(tmp_path: Path) -> None:
    async def body(agent: InferModel[One]) -> tuple[list[Any], float]:
        calls = [asyncio.ensure_future(agent(MemoryCall(), x=float(i))) for i in range(64)]
        longest, last = 0.0, time.perf_counter()
        while not all(call.done() for call in calls):
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return [call.result() for call in calls], longest

    agent = slow()
    found, longest = using(resources(tmp_path, SLOW), agent, body)
    assert [each.y for each in found] == pytest.approx([float(i) for i in range(64)])
    assert longest < agent.counters.seconds / 2


def test_infer_model_run_beyond_its_deadline_is_ended(tmp_path: Path) -> None:
    async def body(agent: InferModel[One]) -> tuple[list[Any], float]:
        begun = time.perf_counter()
        calls = [agent(MemoryCall(), x=float(i)) for i in range(256)]
        return list(await asyncio.gather(*calls)), time.perf_counter() - begun

    found, seconds = using(resources(tmp_path, SLOW), slow(deadline_s=0.02), body)
    assert seconds < 2.0
    late = [each for each in found if isinstance(each, Failure)]
    assert late
    assert {each.code for each in late} == {"timeout"}


# -- what cannot start


def starting(folder: Path, data: bytes, takes: Any) -> AgentError:
    agent: InferModel[One] = InferModel(site="n", artifact="m.onnx", takes=takes, result=One)
    with pytest.raises(AgentError) as raised:
        asyncio.run(agent.start(resources(folder, data)))
    return raised.value


def test_infer_model_damaged_file_is_refused(tmp_path: Path) -> None:
    error = starting(tmp_path, b"\x08\x0a broken", {"i": Int})
    assert error.message.startswith("the model `m.onnx` cannot be opened")


def test_infer_model_of_another_agent_is_refused(tmp_path: Path) -> None:
    error = starting(tmp_path, PICK, {"j": Int})
    assert error.message == "the model `m.onnx` does not fit its agent"
