"""What printed handlers need besides values and functions: loops that settle, `try`, live values.

`Raw` is json that nothing reads: the bytes of the event, copied into what is sent.

A value that crosses an edge may be a failure. The message has null in its place, and the failure
travels in `meta.failed` under the name of the field: `keep` puts it there, `held` takes it out.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar, overload

from msgspec import Raw as Raw

from kumeo_runtime.activation import Activation, Postponed
from kumeo_runtime.values import Failure, Record

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
Call = Coroutine[Any, Any, T]


class Problem(Record):
    """What the handler of a `try` gets to know about the failure."""

    message: str
    agent: str


NO_FAILURE = Failure("no-failure", "the value is not a failure")
"""The failure of a value that holds none."""


def problem_of(failure: Failure) -> Problem:
    """Return what the handler of a `try` gets to know."""
    return Problem(message=failure.message, agent=failure.agent or "")


def settled(items: Sequence[T | Failure]) -> list[T] | Failure:
    """Return the items, or the failure with the lowest index."""
    result: list[T] = []
    for item in items:
        if isinstance(item, Failure):
            return item
        result.append(item)
    return result


def settled_map(entries: Mapping[str, T | Failure]) -> dict[str, T] | Failure:
    """Return the entries, or the first failure among them."""
    result: dict[str, T] = {}
    for key, item in entries.items():
        if isinstance(item, Failure):
            return item
        result[key] = item
    return result


def sure(value: T | Failure) -> T:
    """Return a value of which the compiler has proved that it is no failure."""
    assert not isinstance(value, Failure), f"a value failed that cannot: {value.message}"
    return value


def no_case(subject: Any) -> Failure:
    """Return the failure of a value that no case handles."""
    return Failure("no-case", f"no case handles {subject!r}")


def keep(act: Activation, name: str, value: T | Failure) -> T | None:
    """Return what a message has for a value, and keep the failure that it may be."""
    failed = act.meta.failed
    if isinstance(value, Failure):
        act.meta.failed = {**(failed or {}), name: value}
        return None
    if failed is not None and name in failed:
        act.meta.failed = {key: held for key, held in failed.items() if key != name} or None
    return value


def held(act: Activation, name: str, value: T | None) -> T | Failure:
    """Return a value of a message, or the failure that stands for it."""
    failed = act.meta.failed
    if failed is not None and name in failed:
        return failed[name]
    return value if value is not None else NO_FAILURE


def held_or_null(act: Activation, name: str, value: T) -> T | Failure:
    """Return the same of a value that may be null."""
    failed = act.meta.failed
    return failed[name] if failed is not None and name in failed else value


@overload
async def together(a: Call[A], b: Call[B], /) -> tuple[A, B]: ...
@overload
async def together(a: Call[A], b: Call[B], c: Call[C], /) -> tuple[A, B, C]: ...
@overload
async def together(a: Call[A], b: Call[B], c: Call[C], d: Call[D], /) -> tuple[A, B, C, D]: ...
@overload
async def together(
    a: Call[A], b: Call[B], c: Call[C], d: Call[D], e: Call[E], /
) -> tuple[A, B, C, D, E]: ...
async def together(*calls: Call[Any]) -> tuple[Any, ...]:
    """Run calls of agents at the same time and return their results in order.

    A failure is a result as any other. An exception (the lease is lost, the handler is cancelled)
    cancels the calls that still run; it leaves when all of them are over. A call whose next attempt
    is far away lets the others end first: what they did is in the journal then.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        try:
            return tuple(await asyncio.gather(*tasks))
        except Postponed:
            await asyncio.wait(tasks)
            raise first_of([error for task in tasks if (error := task.exception())]) from None
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def first_of(errors: Sequence[BaseException]) -> BaseException:
    """Return what ends the handler: whatever is no pause, else the shortest pause."""
    pauses = [error for error in errors if isinstance(error, Postponed)]
    others = [error for error in errors if not isinstance(error, Postponed)]
    return others[0] if others else min(pauses, key=lambda pause: pause.seconds)
