"""What must come out: the interpreter's messages by `Kumeo-Id`, and what a run made of them."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model import level_of

Payload = dict[str, Any]
KEYS = 200
KINDS = ("plain", "model", "person", "checked", "poison", "late")


@dataclass(frozen=True)
class Made:
    """One message as a target holds it."""

    id: str
    event: str
    subject: str
    value: Any


@dataclass
class Verdict:
    """What is wrong; nothing when all lists are empty."""

    faults: list[str] = field(default_factory=list[str])
    counts: dict[str, int] = field(default_factory=dict[str, int])


def events(count: int, seed: int, killers: int) -> list[Payload]:
    """Return events of all kinds, the same for the same seed."""
    rng = random.Random(seed)
    kinds: list[str] = rng.choices(KINDS, (77, 8, 4, 6, 2, 3), k=count)
    for n in rng.sample(range(count), killers):
        kinds[n] = "killer"
    return [
        {"n": n, "key": kind if kind == "killer" else f"k{rng.randrange(KEYS)}", "kind": kind}
        for n, kind in enumerate(kinds)
    ]


def event_id(n: int) -> str:
    """Return the id of an event in its source."""
    return f"e{n}"


def expected(file: Path, given: Sequence[Payload]) -> Any:
    """Return the run of the interpreter; killers are left out: nobody can say how far they get."""
    from kumeo.interp import Event, World, run
    from kumeo.interp.world import CallKey
    from kumeo.tools.sources import compile_file

    compiled = compile_file(str(file), "")
    assert compiled.module is not None
    asked: dict[CallKey, Any] = {}
    todo: list[Event] = []
    for event in given:
        if event["kind"] == "killer":
            continue
        id = event_id(event["n"])
        asked[CallKey(id, "opinion", (), 1)] = {"level": level_of(event["n"])}
        asked[CallKey(id, "patient", (), 1)] = {"level": level_of(event["n"])}
        asked[CallKey(id, "check", (), 1)] = (
            {"fail": "poison"} if event["kind"] == "poison" else event["n"] * 3
        )
        answer = {"decision": "yes", "by": "a", "at": "2026-01-01T00:00:00Z"}
        asked[CallKey(id, "review", (), 1)] = answer
        todo.append(Event(id, "source", event))
    found = run(compiled.module, None, todo, World(recordings=asked, trace="none"))
    assert not found.diagnostics, found.diagnostics[:1]
    return found


def judge(
    run: Any, given: Sequence[Payload], made: Iterable[Made], letters: Mapping[str, list[str]]
) -> Verdict:
    """Compare the outputs with the interpreter's; `letters` are codes by event."""
    verdict = Verdict()
    killers = {event_id(each["n"]) for each in given if each["kind"] == "killer"}
    found = list(made)
    ids = Counter(each.id for each in found if each.event not in killers)
    wanted = Counter(each.id for each in run.emitted)
    lost, more = wanted - ids, ids - wanted
    twice = {id: n for id, n in Counter(each.id for each in found).items() if n > 1}
    if lost:
        sites = Counter(each.site for each in run.emitted if each.id in lost)
        verdict.faults.append(f"{sum(lost.values())} outputs are lost: {dict(sites)}")
    if more:
        kinds = Counter(each.subject for each in found if each.id in more)
        verdict.faults.append(f"{sum(more.values())} outputs are too many: {dict(kinds)}")
    _judge_values(run, found, killers, verdict)
    _judge_letters(run, killers, letters, verdict)
    verdict.counts = {
        "expected": sum(wanted.values()),
        "lost": sum(lost.values()),
        "duplicated": len(twice),
    }
    return verdict


def _judge_values(run: Any, found: Sequence[Made], killers: set[str], verdict: Verdict) -> None:
    """Values that do not depend on order are equal; counts of a key are 1, 2, 3, …."""
    values = {each.id: (each.site, each.payload) for each in run.emitted}
    counts: dict[str, list[int]] = {}
    for each in found:
        if each.event in killers or each.id not in values:
            continue
        site, payload = values[each.id]
        if site == "emit:counted":
            counts.setdefault(each.value["key"], []).append(each.value["count"])
        elif site != "emit:people" and each.value != payload:
            verdict.faults.append(f"{site}: {json.dumps(each.value)} is not {payload}")
    for key, numbers in counts.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            verdict.faults.append(f"key {key} was not counted once for each event")


def _judge_letters(
    run: Any, killers: set[str], letters: Mapping[str, list[str]], verdict: Verdict
) -> None:
    wanted = {each.event.id for each in run.reports} | killers
    missing, more = wanted - set(letters), set(letters) - wanted
    if missing:
        verdict.faults.append(f"{len(missing)} dead letters are missing: {sorted(missing)[:3]}")
    if more:
        some = {event: letters[event] for event in sorted(more)[:3]}
        verdict.faults.append(f"{len(more)} dead letters are too many: {some}")
    twice = sorted(event for event, codes in letters.items() if len(codes) > 1)
    if twice:
        verdict.faults.append(f"events have several dead letters: {twice[:3]}")
