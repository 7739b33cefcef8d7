"""The state of an aggregate for one key, as plain functions: sums, counts and such.

The clock of a key shows the latest time of any event that it applied and never runs backwards: a
late event counts as if it came at the clock's time. With a window `w`, an answer covers the events
whose clock time is in `(clock - w, clock]`, this one included.

Reducers are left folds in the order in which events are applied, so that sums of floats are the
same everywhere. A reduction that fails leaves the state as it was.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from kumeo_runtime.values import INT_MAX, INT_MIN, Duration, Fault

Row: TypeAlias = Sequence[Any]
"""The values of one event, one for each reducer."""


class Reducer(NamedTuple):
    """A left fold: the first value starts it, the others step it, `finish` reads the answer."""

    start: Callable[[Any], Any]
    step: Callable[[Any, Any], Any]
    finish: Callable[[Any], Any]


class Keyed(NamedTuple):
    """What is known about one key."""

    clock: int
    rows: Sequence[tuple[int, Row]] = ()
    """With a window: clock time and values of the events that count, oldest first."""
    folded: Row | None = None
    """Without a window: the state of each reducer."""


def applied(
    old: Keyed | None, now_us: int, row: Row, reducers: Sequence[Reducer], window_us: int | None
) -> tuple[Keyed, list[Any]]:
    """Return the state after one event, and the value of each reducer. Raises: Fault."""
    clock = now_us if old is None else max(old.clock, now_us)
    if window_us is not None:
        new, folded = _recent(old, clock, row, reducers, window_us)
    else:
        before = None if old is None else old.folded
        folded = _fold([row], reducers) if before is None else _step(before, row, reducers)
        new = Keyed(clock, folded=folded)
    return new, [r.finish(state) for r, state in zip(reducers, folded, strict=True)]


def _recent(
    old: Keyed | None, clock: int, row: Row, reducers: Sequence[Reducer], window_us: int
) -> tuple[Keyed, list[Any]]:
    kept = [] if old is None else [entry for entry in old.rows if entry[0] > clock - window_us]
    rows = [*kept, (clock, list(row))]
    return Keyed(clock, rows), _fold((values for _, values in rows), reducers)


def _fold(rows: Iterable[Row], reducers: Sequence[Reducer]) -> list[Any]:
    first, *others = rows
    state: list[Any] = [r.start(value) for r, value in zip(reducers, first, strict=True)]
    for row in others:
        state = _step(state, row, reducers)
    return state


def _step(state: Row, row: Row, reducers: Sequence[Reducer]) -> list[Any]:
    steps = zip(reducers, state, row, strict=True)
    return [reducer.step(before, value) for reducer, before, value in steps]


def checked_sum(left: Any, right: Any) -> Any:
    """Return the sum of two numbers or durations; integers fail outside 64 bits."""
    result = left + right
    if isinstance(result, int) and not INT_MIN <= result <= INT_MAX:
        raise Fault("overflow", "a sum is outside the 64-bit range")
    return Duration(result) if isinstance(left, Duration) else result


def _same(value: Any) -> Any:
    return value


def _one(value: Any) -> int:
    return 1


def _one_more(count: int, value: Any) -> int:
    return count + 1


def _least(least: Any, value: Any) -> Any:
    return value if value < least else least


def _most(most: Any, value: Any) -> Any:
    return value if value > most else most


def _keep(first: Any, value: Any) -> Any:
    return first


def _take(last: Any, value: Any) -> Any:
    return value


def _start_mean(value: float) -> tuple[float, int]:
    return float(value), 1


def _add_to_mean(state: tuple[float, int], value: float) -> tuple[float, int]:
    return state[0] + float(value), state[1] + 1


def _mean(state: tuple[float, int]) -> float:
    return state[0] / state[1]


REDUCERS: dict[str, Reducer] = {
    "count": Reducer(_one, _one_more, _same),
    "sum": Reducer(_same, checked_sum, _same),
    "min": Reducer(_same, _least, _same),
    "max": Reducer(_same, _most, _same),
    "first": Reducer(_same, _keep, _same),
    "last": Reducer(_same, _take, _same),
    "mean": Reducer(_start_mean, _add_to_mean, _mean),
}
