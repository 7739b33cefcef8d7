"""`compare_versions`: what changed between two versions, and what that does to events in flight.

A change of an expression alone (`is_computed`) may keep the meaning: `amount > 10` and
`not (amount <= 10)` have different fingerprints. Running both versions can tell. A prompt, a model
or a setting cannot be judged that way, so such a change always counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from xdsl.ir import Attribute

from kumeo.analysis.versions.facts import PRINT, Details, Key, Version
from kumeo.dialects.data.casts import is_implicit
from kumeo.dialects.data.types import RecordType
from kumeo.frontend.elaborate.display import display

AREAS = (
    "workflow",
    "source",
    "target",
    "output",
    "route",
    "agent",
    "call",
    "subworkflow",
    "body",
    "config",
    "model",
    "context",
    "function",
    "provider",
    "secret",
    "cost",
    "in flight",
)
"""In which order changes are told."""
WAITING_KINDS = ("review", "aggregate")
"""Kinds of agents that keep something between events: open tasks, state of keys."""
TEXT_MAX = 100
"""Longer texts are shown in part."""
_JUDGED = ("process", "decide")
"""Kinds of agents that are run for real, so a changed input shows in the outputs."""


@dataclass(frozen=True)
class Change:
    """One difference: `+` new, `-` gone, `~` other."""

    sign: str
    area: str
    name: str
    text: str
    is_computed: bool = False
    """Whether only an expression changed, which running both versions judges."""
    is_breaking: bool = False
    """Whether events, tasks or state of the old version do not fit the new one."""

    @property
    def counts(self) -> bool:
        """Whether it changes the meaning by itself."""
        return not self.is_computed and self.area != "cost"


def compare_versions(old: Version, new: Version) -> list[Change]:
    """Return all changes in the order of `AREAS`, and by name."""
    found = [*_facts(old, new), *_outputs(old, new), *_in_flight(old, new)]
    return sorted(found, key=lambda c: (AREAS.index(c.area), c.name, c.sign))


def _facts(old: Version, new: Version) -> Iterator[Change]:
    for key in dict.fromkeys([*old.facts, *new.facts]):
        area, name = key
        if area not in AREAS:
            continue
        before, after = old.facts.get(key), new.facts.get(key)
        if before is None and after is not None:
            yield Change("+", area, name, _summary(area, after))
        elif after is None and before is not None:
            yield Change("-", area, name, _summary(area, before))
        elif before is not None and after is not None and before != after:
            yield from _detailed(key, before, after)


def _detailed(key: Key, before: Details, after: Details) -> Iterator[Change]:
    """Yield one change for each detail that differs."""
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if _is_print(one) or _is_print(other):
            text = f"its {name} is computed in another way"
            judged = key[0] != "agent" or after["kind"] in _JUDGED or name == "condition"
            yield Change("~", key[0], key[1], text, is_computed=judged)
        elif isinstance(one, Attribute) and isinstance(other, Attribute):
            yield Change("~", key[0], key[1], f"{name}: {type_change(one, other)}")
        else:
            yield Change("~", key[0], key[1], f"{name}: {_pair(one, other)}")


def _is_print(detail: str | Attribute | None) -> bool:
    return isinstance(detail, str) and detail.startswith(PRINT)


def _pair(one: str | Attribute | None, other: str | Attribute | None) -> str:
    """Return both texts; of long ones the part around the first difference."""
    before, after = _text(one), _text(other)
    if max(len(before), len(after)) > TEXT_MAX:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
        start = max(sum(1 for _ in same) - TEXT_MAX // 4, 0)
        before, after = _part(before, start), _part(after, start)
    return f"{before} -> {after}"


def _part(text: str, start: int) -> str:
    end = start + TEXT_MAX
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}".replace("\n", "\\n")


def _text(detail: str | Attribute | None) -> str:
    if detail is None:
        return "(none)"
    return detail if isinstance(detail, str) else display(detail)


def type_change(before: Attribute, after: Attribute) -> str:
    """Return how a type changed: by field for records, else both types."""
    if not isinstance(before, RecordType) or not isinstance(after, RecordType):
        return f"{display(before)} -> {display(after)}"
    parts: list[str] = []
    for name in dict.fromkeys([*before.names, *after.names]):
        one, other = before.field(name), after.field(name)
        if one is None and other is not None:
            parts.append(f"+ {name}: {display(other)}")
        elif other is None:
            parts.append(f"- {name}")
        elif one is not None and one != other:
            inner = type_change(one, other)
            is_record = isinstance(one, RecordType) and isinstance(other, RecordType)
            parts.append(f"{name} {{ {inner} }}" if is_record else f"{name}: {inner}")
    return ", ".join(parts) or "the order of fields"


def _summary(area: str, details: Details) -> str:
    """Return what a new or vanished fact is."""
    first = {"route": "target", "agent": "kind", "call": "calls", "config": "value"}.get(area, "at")
    shown = _text(details.get(first, ""))
    return f"to `{shown}`" if area == "route" else shown


def _outputs(old: Version, new: Version) -> Iterator[Change]:
    """Yield the payload types that a target gets no longer, or now."""
    for target in dict.fromkeys([*old.outputs, *new.outputs]):
        before, after = old.outputs.get(target, []), new.outputs.get(target, [])
        for kind in (kind for kind in before if kind not in after):
            yield Change("-", "output", target, f"gets {display(kind)}")
        for kind in (kind for kind in after if kind not in before):
            yield Change("+", "output", target, f"gets {display(kind)}")


def _in_flight(old: Version, new: Version) -> Iterator[Change]:
    """Yield what happens to events that the old version has accepted and not finished."""
    for name, before in old.sources.items():
        after = new.sources.get(name)
        if after is None:
            text = "events of this source that still wait are never handled"
            yield Change("-", "in flight", name, text, is_breaking=True)
        elif before != after:
            yield _payload_change(name, before, after)
    for site, kind in old.sites.items():
        now = new.sites.get(site)
        if now == kind:
            continue
        if kind in WAITING_KINDS:
            what = "open tasks" if kind == "review" else "the state of all keys"
            yield Change("-", "in flight", site, f"{what} of it are lost", is_breaking=True)
        elif kind == "emit":
            text = "an event handled again sends under another id: it is not seen as a duplicate"
            yield Change("-", "in flight", site, text, is_breaking=True)
        else:
            text = "its recorded result is not found: an event handled again calls anew"
            yield Change("-", "in flight", site, text)


def _payload_change(name: str, before: Attribute, after: Attribute) -> Change:
    if is_implicit(before, after):
        return Change("~", "in flight", name, "waiting events fit the new schema")
    text = "waiting events do not fit the new schema: they become `invalid-event`"
    return Change("~", "in flight", name, text, is_breaking=True)
