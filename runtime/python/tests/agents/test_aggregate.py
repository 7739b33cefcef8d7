"""`Aggregate` counts as the interpreter does, and each event once."""

import asyncio
import random
from typing import Any

import pytest
from kumeo_runtime.agents import Aggregate
from kumeo_runtime.agents import aggregate as aggregate_module
from kumeo_runtime.testing.calls import LeaseError, MemoryCall, MemoryJournal, MemoryState
from kumeo_runtime.values import Failure, Int, Record, Time

from kumeo.dialects.data import DataFailure
from kumeo.interp.aggregate import REDUCERS
from kumeo.interp.aggregate import Aggregate as Reference

NAMES = ("count", "sum", "mean", "min", "max", "first", "last")


class Seen(Record):
    count: Int
    sum: Int
    mean: float
    min: float
    max: float
    first: str
    last: Time


def aggregate(window_us: int | None = None) -> Aggregate[Seen]:
    return Aggregate(
        site="seen",
        reducers=NAMES,
        values=[bool, Int, Int, float, float, str, Time],
        key=str,
        result=Seen,
        window_us=window_us,
    )


def row(rng: random.Random) -> dict[str, Any]:
    number = rng.choice([0, 1, -5, rng.randrange(1000), 2**62])
    real = rng.random()
    return {
        "count": True,
        "sum": number,
        "mean": number,
        "min": real,
        "max": real,
        "first": f"t{number}",
        "last": Time(rng.randrange(100)),
    }


def apply(agent: Aggregate[Seen], act: MemoryCall, key: str, values: dict[str, Any]) -> Any:
    return asyncio.run(agent(act, key=key, **values))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("window_us", [None, 50])
def test_answers_agree_with_the_interpreter(window_us: int | None, seed: int) -> None:
    rng = random.Random(seed)
    reference = Reference([REDUCERS[name] for name in NAMES], window_us)
    state, now = MemoryState(MemoryJournal()), 0
    for number in range(40):
        now += rng.randint(-20, 30)  # late events, too
        key, values = rng.choice("ab"), row(rng)
        found = apply(aggregate(window_us), MemoryCall(f"a{number}", now, state), key, values)
        assert found == expected(reference, key, now, list(values.values()))


def expected(reference: Reference, key: str, now: int, values: list[Any]) -> Any:
    try:
        answer = reference.apply(key, now, values)
    except DataFailure as failure:
        return Failure(failure.code, failure.message, "seen")
    return Seen(**dict(zip(NAMES, answer, strict=True)))


def test_event_that_comes_again_is_not_counted_again() -> None:
    act, values = MemoryCall(), row(random.Random(1))
    once = apply(aggregate(), act, "k", values)
    assert apply(aggregate(), act, "k", values) == once
    assert act.state.writes == 1


def test_failed_event_leaves_the_state_and_is_remembered() -> None:
    state, rng = MemoryState(MemoryJournal()), random.Random(1)
    large = {**row(rng), "sum": 2**63 - 1}
    apply(aggregate(), MemoryCall("a1", 0, state), "k", large)
    act = MemoryCall("a2", 0, state)
    failure = apply(aggregate(), act, "k", large)
    assert failure == Failure("overflow", "a sum is outside the 64-bit range", "seen")
    assert apply(aggregate(), act, "k", {**large, "sum": 0}) == failure
    assert state.writes == 1


def test_rival_write_is_taken_into_account() -> None:
    state, values = MemoryState(MemoryJournal()), {**row(random.Random(1)), "sum": 1}
    apply(aggregate(), MemoryCall("rival", 0, state), "k", values)
    ((place, after_rival),) = state.entries.items()
    state.entries.clear()
    state.rivals.append(lambda store: store.put(*place, after_rival.value))
    found = apply(aggregate(), MemoryCall("a2", 0, state), "k", values)
    assert found.count == 2


def test_answer_that_another_worker_stored_wins() -> None:
    act, values = MemoryCall(), row(random.Random(1))
    other = Seen(count=9, sum=9, mean=9.0, min=9.0, max=9.0, first="x", last=Time(9))

    def store_first(state: MemoryState) -> None:
        asyncio.get_running_loop()
        state.put("seen", '"k"', b"")
        act.journal.entries["seen", (), 0] = stored_bytes(other)

    act.state.rivals.append(store_first)
    assert apply(aggregate(), act, "k", values) == other


def stored_bytes(value: Any) -> bytes:
    from kumeo_runtime.values import msgpack_encoder

    return msgpack_encoder().encode(value)


def test_state_that_is_never_stored_ends_as_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregate_module, "PAUSE_S", 0.0)
    act = MemoryCall()

    async def refuse(*arguments: Any, **options: Any) -> bool:
        return False

    act.state.apply = refuse  # type: ignore[method-assign]
    found = apply(aggregate(), act, "k", row(random.Random(1)))
    assert found == Failure("attempt-failed", "the state of the key cannot be stored", "seen")


def test_failed_input_cancels_and_is_observed() -> None:
    act, failure = MemoryCall(), Failure("x", "y")
    assert apply(aggregate(), act, "k", {**row(random.Random(1)), "sum": failure}) is failure
    assert act.observed == [failure]
    assert act.state.writes == 0


def test_lost_lease_writes_nothing() -> None:
    act = MemoryCall()
    act.lost_after = 0
    with pytest.raises(LeaseError):
        apply(aggregate(), act, "k", row(random.Random(1)))
    assert act.state.writes == 0


def test_key_may_be_a_record() -> None:
    class Key(Record):
        card: str
        at: Time

    class Count(Record):
        n: Int

    agent: Aggregate[Count] = Aggregate(
        site="n", reducers=["count"], values=[bool], key=Key, result=Count
    )
    state = MemoryState(MemoryJournal())
    for number, card in enumerate(["a", "b", "a"]):
        act = MemoryCall(f"a{number}", 0, state)
        found = asyncio.run(agent(act, key=Key(card=card, at=Time(0)), n=True))
    assert found == Count(n=2)
