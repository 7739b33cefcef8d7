"""The audit trail: one entry for every step of a task, stored together with the new state.

An entry names the SHA-256 of the one before it, and the state names the last one. So an entry that
is changed, added or missing in the middle is seen.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, cast

import msgspec
from msgspec import Struct

from kumeo_runtime.tasks.state import TaskState, shown_hash

Action = Literal[
    "asked",
    "claimed",
    "released",
    "delegated",
    "commented",
    "decided",
    "reminded",
    "asked-again",
    "escalated",
    "timed-out",
    "withdrawn",
]
WORKFLOW, TIMER = "workflow", "timer"
"""Who does what no person does."""


class Change(Struct, frozen=True):
    """One place of an edited value: a JSON pointer, and what stood and stands there."""

    path: str
    before: Any = None
    after: Any = None


class Step(Struct, frozen=True):
    """Something that is done with a task."""

    action: Action
    by: str
    at_us: int
    before: str
    """The label of the state before it."""
    comment: str = ""
    decision: str | None = None
    to: tuple[str, ...] = ()
    form: Any = None
    changes: tuple[Change, ...] = ()
    via: str = ""
    """The way it came: `rest`, `command`, `timer`, …"""


class Entry(Struct, frozen=True, omit_defaults=True):
    """One entry, as JSON in the task stream."""

    task: str
    number: int
    at_us: int
    action: Action
    by: str
    before: str
    after: str
    title: str = ""
    event_id: str = ""
    attempt: int = 1
    comment: str = ""
    decision: str | None = None
    to: tuple[str, ...] = ()
    form: Any = None
    changes: tuple[Change, ...] = ()
    shown: str = ""
    """SHA-256 of what the task showed."""
    via: str = ""
    previous: str = ""
    """SHA-256 of the entry before, as it is stored."""


class Trail(NamedTuple):
    """The entries of a task, oldest first."""

    entries: list[Entry]
    is_intact: bool
    """Whether each entry follows from the one before it."""


def entry_of(state: TaskState, step: Step) -> bytes:
    """Return the entry of a step as it is stored, and write its hash into the new state."""
    state.steps += 1
    entry = Entry(
        task=state.id,
        number=state.steps,
        at_us=step.at_us,
        action=step.action,
        by=step.by,
        before=step.before,
        after=state.label,
        title=state.task.title or state.task.site,
        event_id=state.event_id,
        attempt=state.attempt,
        comment=step.comment,
        decision=step.decision,
        to=step.to,
        form=step.form,
        changes=step.changes,
        shown=shown_hash(state.task),
        via=step.via,
        previous=state.trail,
    )
    payload = msgspec.json.encode(entry)
    state.trail = hash_of(payload)
    return payload


def hash_of(payload: bytes) -> str:
    """Return the name of an entry."""
    return hashlib.sha256(payload).hexdigest()


def trail_of(payloads: Iterable[bytes], last: str | None = None) -> Trail:
    """Read a trail; `last` is the hash that the state names, None where there is no state.

    A task that was withdrawn and is asked anew starts a chain of its own.
    """
    read = msgspec.json.Decoder(Entry).decode
    entries: list[Entry] = []
    is_intact, previous = True, ""
    for payload in payloads:
        entry = read(payload)
        is_first = entry.action == "asked" and not entry.previous
        is_intact = is_intact and (is_first or entry.previous == previous)
        is_intact = is_intact and (entry.number == 1 if is_first else bool(entry.previous))
        previous = hash_of(payload)
        entries.append(entry)
    return Trail(entries, is_intact and last in (None, previous))


# -- what an edit has changed


def changes_between(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Yield where two values of JSON differ.

    >>> [c.path for c in changes_between({"a": [1, 2], "b": 1}, {"a": [1, 3], "c": 1})]
    ['/a/1', '/b', '/c']
    """
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _in_objects(cast(Mapping[str, Any], before), cast(dict[str, Any], after), path)
    elif _are_alike(before, after):
        yield from _in_lists(cast(list[Any], before), cast(list[Any], after), path)
    elif not _is_same(before, after):
        yield Change(path, before, after)


def _in_objects(before: Mapping[str, Any], after: dict[str, Any], path: str) -> Iterator[Change]:
    for key in sorted({*before, *after}):
        place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in before and key in after:
            yield from changes_between(before[key], after[key], place)
        else:
            yield Change(place, before.get(key), after.get(key))


def _in_lists(before: list[Any], after: list[Any], path: str) -> Iterator[Change]:
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        yield from changes_between(old, new, f"{path}/{number}")


def _are_alike(before: Any, after: Any) -> bool:
    """Say whether two lists can be compared item by item."""
    if not isinstance(before, list) or not isinstance(after, list):
        return False
    return len(cast(list[Any], before)) == len(cast(list[Any], after))


def _is_same(before: Any, after: Any) -> bool:
    is_bool = isinstance(before, bool), isinstance(after, bool)
    return before == after and is_bool[0] == is_bool[1]
