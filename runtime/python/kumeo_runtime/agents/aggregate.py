"""`Aggregate`: numbers over the events of one key, kept in the store.

The new state and the result are stored together, and only if nobody else has written the state
since it was read. So each event is applied once, however often it is delivered, and every delivery
has the same result.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from kumeo_runtime.agents.base import Agent, Call, Path, Policy
from kumeo_runtime.agents.reducers import REDUCERS, Keyed, Row, applied
from kumeo_runtime.functions_text import json_text
from kumeo_runtime.shapes import fields_of
from kumeo_runtime.values import Failure, Fault, Int, msgpack_decoder, msgpack_encoder
from kumeo_runtime.writing import write

T = TypeVar("T")
REFUSALS_MAX = 12
"""Writes that may fail in a row although the state did not change: then it cannot be stored."""
PAUSE_S, PAUSE_MAX_S = 0.05, 5.0
"""The first and the longest pause between such writes."""
_encode = msgpack_encoder().encode


class Entry(Protocol):
    """The state of one key as the store has it; `seq` 0 stands for none."""

    @property
    def value(self) -> bytes:
        """The encoded state."""
        ...

    @property
    def seq(self) -> int:
        """The number of the write that made it."""
        ...


class State(Protocol):
    """State by name and key."""

    async def read(self, name: str, key: str) -> Entry:
        """Return the state of a key."""
        ...

    async def apply(
        self,
        name: str,
        key: str,
        value: bytes,
        expected_seq: int,
        *,
        site: str,
        path: Path,
        result: Any,
        type: Any,
    ) -> bool:
        """Store the state and the result of the call together, or nothing (False)."""
        ...


class StatefulCall(Call, Protocol):
    """An activation with state."""

    @property
    def state(self) -> State:
        """State that outlives the activation."""
        ...


class Aggregate(Agent[T]):
    """Reduces the values of events by key. Inputs: `key` first, then one value per reducer."""

    journaled: bool = True

    def __init__(
        self,
        *,
        site: str,
        reducers: Sequence[str],
        values: Sequence[Any],
        key: Any,
        result: Any,
        window_us: int | None = None,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = True,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.reducers = tuple(reducers)
        self.key_type = key
        """The annotation of the key; `values` has those of the values."""
        self.window_us = window_us
        self._folds = [REDUCERS[name] for name in reducers]
        self._names = [field.name for field in fields_of(result)]
        kinds = zip(self.reducers, values, strict=True)
        self._decode = msgpack_decoder(_layout(tuple(kinds))).decode

    async def __call__(
        self, act: StatefulCall, /, *, path: Path = (), **inputs: Any
    ) -> T | Failure:
        """Return the state of the key after this event."""
        cancelled = self.cancelled(act, inputs)
        if cancelled is not None:
            return cancelled
        self.counters.calls += 1
        try:
            return await self._applied(act, path, inputs)
        except Fault as fault:
            failure = self.blamed(fault)
            return await act.journal.record(self.site, path, failure, self.result)

    async def _applied(
        self, act: StatefulCall, path: Path, inputs: Mapping[str, Any]
    ) -> T | Failure:
        key_value, *given = inputs.values()
        key = json_text(write(key_value, self.key_type))
        row = [self._kept(i, value) for i, value in enumerate(given)]
        seq, refusals = -1, 0
        while refusals < REFUSALS_MAX:
            # In this order: what the state contains is in the journal, once the state is read.
            entry = await act.state.read(self.site, key)
            known = await act.journal.read(self.site, path, self.result)
            if known is not None:
                self.counters.replayed += 1
                return known.value
            if entry.seq == seq:
                await asyncio.sleep(min(PAUSE_S * 2.0**refusals, PAUSE_MAX_S))
            refusals, seq = (refusals + 1 if entry.seq == seq else 0), entry.seq
            new, answer = self._reduced(act, entry, row)
            if await self._stored(act, path, key, new, entry.seq, answer):
                return answer
        raise Fault("attempt-failed", "the state of the key cannot be stored")

    def _kept(self, place: int, value: Any) -> Any:
        return None if self.reducers[place] == "count" else value

    def _reduced(self, act: Call, entry: Entry, row: Row) -> tuple[Keyed, T]:
        old = Keyed(*self._decode(entry.value)) if entry.seq else None
        new, values = applied(old, int(act.now), row, self._folds, self.window_us)
        return new, self.result(**dict(zip(self._names, values, strict=True)))

    async def _stored(
        self, act: StatefulCall, path: Path, key: str, new: Keyed, seq: int, answer: T
    ) -> bool:
        act.lease()
        self.counters.attempts += 1
        return await act.state.apply(
            self.site,
            key,
            _encode(new),
            seq,
            site=self.site,
            path=path,
            result=answer,
            type=self.result,
        )


def _layout(kinds: Sequence[tuple[str, Any]]) -> Any:
    """Return the type of the stored state: clock, rows of a window, folded values."""
    kept: Any = tuple[tuple(None if reducer == "count" else kind for reducer, kind in kinds)]  # type: ignore[misc]
    folded: Any = tuple[tuple(_state_of(reducer, kind) for reducer, kind in kinds)]  # type: ignore[misc]
    return tuple[int, list[tuple[int, kept]], folded | None]


def _state_of(reducer: str, kind: Any) -> Any:
    if reducer == "count":
        return Int
    return tuple[float, int] if reducer == "mean" else kind
