"""What is wrong with a schedule, compared with a run without faults on the recorded answers."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kumeo.interp.messaging.server import Sent
from kumeo.interp.oracle.events import object_in
from kumeo.interp.results import Run, canonical_json
from kumeo.interp.run import run_session
from kumeo.interp.world import CallKey, Event, Known, World

if TYPE_CHECKING:
    from kumeo.interp.messaging.simulation import Simulation


def judge(sim: "Simulation") -> tuple[str, ...]:
    """Return every violation in words; none for a good schedule."""
    if not sim.is_done:
        return ("wedged: something is left to do", *sorted(sim.repeated))
    return tuple(dict.fromkeys(_violations(sim)))


def _violations(sim: "Simulation") -> Iterator[str]:
    reference = _reference(sim)
    spoiled = sim.poisoned[1] if sim.killed_by_poison else ""
    letters = [sent for sent in sim.server.sent if sent.id.startswith("letter/")]
    yield from _of_letters(sim, letters)
    yield from _of_messages(sim, reference, spoiled)
    yield from _of_reports(sim, reference, spoiled)
    yield from _of_order(sim)
    yield from _of_edges(sim)
    yield from sorted(sim.repeated)
    yield from _of_state(sim)
    if sim.server.on_edges:
        yield f"storage: {sim.server.on_edges} finished messages are never purged"


def _is_plain(sent: Sent) -> bool:
    """Return whether this is an emission, no report and no letter."""
    return "/" not in sent.id


def _reference(sim: "Simulation") -> Run:
    """Run the module without faults, with the answers that were recorded."""
    stored = sorted(
        (seq, sim.server.messages[seq])
        for source in sim.prepared.sources
        for seq in sim.server.order[source.symbol]
    )
    events: list[Event] = [message.data for _, message in stored]
    times = {message.data.id: sim.time_of(message.at) for _, message in stored}
    revisions = {event.id: sim.read_config.get(event.id, 0) for event in events}
    recordings = {key: Known(value) for key, value in _recorded(sim).items()}
    first = {op.symbol: sim.first_config[op.symbol] for op in sim.prepared.dynamic}
    world = World(
        recordings=recordings,
        now_us=sim.world.now_us,
        times=times,
        config_changes={
            event: {**first, **sim.configs[revision][1]} for event, revision in revisions.items()
        },
        seed=sim.world.seed,
        fail_one_in=1,
        fail_work_one_in=sim.world.fail_work_one_in,
        trace="none",
    )
    return run_session(sim.prepared.reference(world), events)


def _recorded(sim: "Simulation") -> dict[CallKey, Any]:
    found: dict[CallKey, Any] = dict(sim.unrecorded)
    for name, record in sim.server.values.items():
        if name[0] == "j":
            found[name[1]] = record.value
        elif name[0] == "task":
            task = record.value
            op = sim.prepared.handlers[sim.prepared.readers[task.edge]].answered
            assert op is not None, "a task has an agent"
            for attempt, value in task.answers.items():
                found[CallKey(task.meta.event.id, op.site, (), attempt)] = value
    return found


def _of_letters(sim: "Simulation", letters: list[Sent]) -> Iterator[str]:
    found = Counter((sent.data[1], sent.data[2]) for sent in letters)
    wanted = Counter([sim.poisoned] if sim.killed_by_poison else [])
    for handler, event in found - wanted:
        yield f"dead letter of an innocent: {event} in {handler}"
    for handler, event in wanted - found:
        yield f"lost: no dead letter of the poison {event} in {handler}"


def _of_messages(sim: "Simulation", reference: Run, spoiled: str) -> Iterator[str]:
    plain = [sent for sent in sim.server.sent if _is_plain(sent)]
    got = Counter((s.id, s.target, canonical_json(s.data)) for s in plain)
    ids = {e.id: e for e in reference.emitted}
    want: Counter[tuple[str, str | None, str]] = Counter(
        (e.id, e.target, canonical_json(e.payload)) for e in reference.emitted
    )
    seen = {s.id for s in plain}
    for id, target, _ in got - want:
        known = ids.get(id)
        if known is not None and known.event == spoiled:
            continue
        times = sum(s.id == id for s in plain)
        what = "duplicated" if times > 1 else "changed" if known is not None else "invented"
        if what == "duplicated" and sim.valve_opened:
            continue
        yield f"{what}: message to {target}" + (f" from {known.site}" if known else "")
    for id, target, _ in want - got:
        if ids[id].event == spoiled or id in seen:
            continue
        yield f"lost: message to {target} from {ids[id].site} of {ids[id].event}"


def _of_reports(sim: "Simulation", reference: Run, spoiled: str) -> Iterator[str]:
    sent = [s for s in sim.server.sent if s.id.startswith("report/")]
    got = Counter((s.target, *s.data) for s in sent)
    want = Counter(
        (
            r.target,
            r.failure.code,
            r.failure.message,
            r.failure.agent or "",
            r.event.id,
            canonical_json(r.event.payload),
        )
        for r in reference.reports
    )
    for report in got - want:
        if report[4] != spoiled and not (sim.valve_opened and report in want):
            yield f"report too many: {report[1]} of {report[4]}"
    for report in want - got:
        if report[4] != spoiled:
            yield f"lost: report of {report[1]} of {report[4]}"


def _of_order(sim: "Simulation") -> Iterator[str]:
    """Messages of one key, one way and one target come in the order of the events."""
    if sim.valve_opened:
        return
    stored = {s.id: n for n, s in enumerate(_in_order(sim))}
    keys = {s.symbol: s.key.data for s in sim.prepared.sources if s.key is not None}
    last: dict[Any, int] = {}
    owners = {e.id: e for e in sim.events}
    for sent in sim.server.sent:
        event = owners.get(sim.event_of.get(sent.id, ""))
        if event is None or event.source not in keys or not sim.is_ordered(sent.route):
            continue
        value = canonical_json(object_in(event.payload).get(keys[event.source]))
        way = (event.source, value, sent.route, sent.target)
        number = stored[event.id]
        if number < last.get(way, -1):
            yield f"order: {event.id} comes late at {sent.target}"
        last[way] = max(number, last.get(way, -1))


def _in_order(sim: "Simulation") -> list[Event]:
    seqs = sorted(s for source in sim.prepared.sources for s in sim.server.order[source.symbol])
    return [sim.server.messages[seq].data for seq in seqs]


def _of_edges(sim: "Simulation") -> Iterator[str]:
    """A token passes each edge at most once, however often it is sent."""
    for (edge, event), count in sim.server.arrivals.items():
        if count > 1 and not sim.valve_opened:
            yield f"duplicated: {event} came {count} times over {edge}"


def _of_state(sim: "Simulation") -> Iterator[str]:
    for name, record in sim.server.values.items():
        if name[0] == "state":
            applied: tuple[CallKey, ...] = record.value[1]
            twice = [key for key, count in Counter(applied).items() if count > 1]
            if twice:
                yield f"state: {twice[0].event} counted twice in {name[1]}"
    asked = Counter((task.meta.event.id, task.edge) for task in sim.people.asked)
    for (event, edge), count in asked.items():
        if count > 1:
            yield f"asked twice: {event} at {edge}"
    for task, count in Counter(sim.people.resumed).items():
        if count > 1:
            yield f"answered twice: {task}"
