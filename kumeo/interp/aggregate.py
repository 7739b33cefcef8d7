"""The state of `agent.aggregate`: sums, counts and such per key, over all time or a window.

An aggregate has one clock per key. It shows the latest time of any event it applied and never runs
backwards: a late event counts as if it came at the clock's time. With a window `w`, an answer
covers the applied events whose clock time is in `(clock - w, clock]`, this event included.

Reducers are left folds in the order in which events are applied, so that floating-point sums are
the same everywhere. A reduction that fails leaves the state as it was.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kumeo.dialects.data.failures import DataFailure

Row = Sequence[Any]
"""The values of one event, one for each reducer."""

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1


class Reducer(NamedTuple):
    """A left fold: the first value starts it, the others step it, `finish` reads the answer."""

    start: Callable[[Any], Any]
    step: Callable[[Any, Any], Any]
    finish: Callable[[Any], Any]


@dataclass(frozen=True)
class Keyed:
    """What is known about one key."""

    clock: int
    rows: deque[tuple[int, Row]] = field(default_factory=deque[tuple[int, Row]])
    """With a window: clock time and values of the events that count, oldest first."""
    folded: Row = ()
    """Without a window: the state of each reducer."""


@dataclass
class Aggregate:
    """The whole state of one aggregate op."""

    reducers: Sequence[Reducer]
    window_us: int | None
    keys: dict[Any, Keyed] = field(default_factory=dict[Any, Keyed])

    def apply(self, key: Any, now_us: int, row: Row) -> list[Any]:
        """Take one event into account and return the value of each reducer.

        Raises: DataFailure, and then nothing has changed.
        """
        old = self.keys.get(key)
        clock = now_us if old is None else max(old.clock, now_us)
        new = (
            self._everything(old, clock, row)
            if self.window_us is None
            else self._recent(old, clock, row)
        )
        answer = [r.finish(state) for r, state in zip(self.reducers, new.folded, strict=True)]
        self.keys[key] = new
        return answer

    def _everything(self, old: Keyed | None, clock: int, row: Row) -> Keyed:
        if old is None:
            return Keyed(clock, folded=self._fold([row]))
        return Keyed(clock, folded=self._step(old.folded, row))

    def _recent(self, old: Keyed | None, clock: int, row: Row) -> Keyed:
        oldest = clock - (self.window_us or 0)
        kept = [] if old is None else [entry for entry in old.rows if entry[0] > oldest]
        rows = deque([*kept, (clock, row)])
        return Keyed(clock, rows, self._fold(values for _, values in rows))

    def _fold(self, rows: Iterable[Row]) -> Row:
        first, *others = rows
        state: Row = [r.start(value) for r, value in zip(self.reducers, first, strict=True)]
        for row in others:
            state = self._step(state, row)
        return state

    def _step(self, state: Row, row: Row) -> Row:
        steps = zip(self.reducers, state, row, strict=True)
        return [reducer.step(before, value) for reducer, before, value in steps]


def checked_sum(left: Any, right: Any) -> Any:
    """Return the sum of two numbers or durations; integers fail outside 64 bits."""
    result = left + right
    if isinstance(result, int) and not _INT_MIN <= result <= _INT_MAX:
        raise DataFailure("overflow", "a sum is outside the 64-bit range")
    return result


def _same(value: Any) -> Any:
    return value


def _start_count(value: Any) -> int:
    return 1


def _count(count: int, value: Any) -> int:
    return count + 1


def _least(least: Any, value: Any) -> Any:
    return value if value < least else least


def _most(most: Any, value: Any) -> Any:
    return value if value > most else most


def _keep_first(first: Any, value: Any) -> Any:
    return first


def _keep_last(last: Any, value: Any) -> Any:
    return value


def _start_mean(value: float) -> tuple[float, int]:
    return float(value), 1


def _add_to_mean(state: tuple[float, int], value: float) -> tuple[float, int]:
    return state[0] + float(value), state[1] + 1


def _mean(state: tuple[float, int]) -> float:
    return state[0] / state[1]


REDUCERS = {
    "count": Reducer(_start_count, _count, _same),
    "sum": Reducer(_same, checked_sum, _same),
    "min": Reducer(_same, _least, _same),
    "max": Reducer(_same, _most, _same),
    "first": Reducer(_same, _keep_first, _same),
    "last": Reducer(_same, _keep_last, _same),
    "mean": Reducer(_start_mean, _add_to_mean, _mean),
}
