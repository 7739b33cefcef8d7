"""The rules of delivery, each with a switch: a rule that is off must show in the simulation.

The rules are those of the runtime. A simulation with all of them on finds nothing; `VARIANTS` turns
one off at a time, and the tests demand that each is caught within a few seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kumeo.interp.messaging.clock import Faults

Gate = Literal["span", "live", "stored", "none"]
Recovery = Literal["exact", "in-credit", "greedy"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What workers, janitor and server do. The defaults are right."""

    create_only: bool = True
    """An edge refuses an id that it holds; else only within the window of duplicates."""
    causal_purge: bool = True
    """A message is purged when nobody can make it again; else when its readers are done."""
    purge_age: bool = True
    """Only floors that are old enough count; else a worker that slept finds its output purged."""
    flushed_floors: bool = True
    """Only floors that are on the disk of the server count, and inputs are purged first."""
    restart_resets: bool = True
    """Floors from before a restart of the server do not count: it may have forgotten some of it."""
    idle_floor: bool = True
    """A consumer without work lets everything go; else it keeps everything."""
    ack_last: bool = True
    """The input is acknowledged after the outputs; else before them."""
    await_pub_ack: bool = True
    """An output counts when the server has confirmed it; else when it was sent."""
    busy_is_retried: bool = True
    """A refusal without a sequence number means: not stored yet."""
    no_replay: bool = True
    """A request that was lost stays lost; else the connection sends it again much later."""
    endless_delivery: bool = True
    """The server never gives up; else after five deliveries."""
    gate: Gate = "span"
    """What the gate on output edges counts: all messages from the first that is not done, since no
    purge by a floor removes what lies behind it. Else only those that are not done, or all."""
    valve: bool = True
    """When the edges are nearly full, progress goes before duplicates."""
    journal_read: bool = True
    """The journal is read before each call."""
    journal_first: bool = True
    """An answer is recorded before anything follows from it."""
    journal_wins: bool = True
    """What the journal holds counts, not what this worker was told."""
    journal_path: bool = True
    """The iteration path is part of the key of a record."""
    pinned: bool = True
    """The revision of the configuration of an activation is recorded when it begins."""
    state_cas: bool = True
    """State of an aggregate and the answer are stored together, if nobody was faster."""
    lease: bool = True
    """A worker looks at the clock before each call and each publish."""
    renew: bool = True
    """A worker asks for more time at a third of the ack wait."""
    awake: bool = True
    """What waited in a buffer while the process slept is not taken for new."""
    count_alone: bool = True
    """A message that comes again is counted, then runs by itself."""
    letter_first: bool = True
    """A dead letter is stored before its message is acknowledged."""
    emit_path: bool = True
    """The iteration path is part of the id of an emission."""
    stable_edge_id: bool = True
    """An edge message has the same id in each attempt."""
    stable_report_id: bool = True
    """A report has the same id in each attempt."""
    failures_travel: bool = True
    """A failure on an edge stays one; else it becomes an empty value."""
    first_travels: bool = True
    """A message tells the next handler of the first failure that was observed."""
    event_travels: bool = True
    """A message takes the payload of the event along."""
    all_values_travel: bool = True
    """A message holds every live value; else the last one is missing."""
    park_once: bool = True
    """A task is created only if it is not there."""
    resume_cas: bool = True
    """Whoever answers a task does so only if it is still open."""
    keyed_lanes: bool = True
    """Messages of one key are handled one after the other."""
    lanes_recover: bool = True
    """After a lost lease nothing new begins until the old messages are back."""
    recovery_by_sequence: bool = True
    """Old messages are counted up to the last that the server knows to be handed out; else a crash
    lets younger ones count for them."""
    done_stays_done: bool = True
    """A copy of a message that is done is acknowledged again; else it counts as an old one."""
    sees_gaps: bool = True
    """A delivery that got lost before another one is noticed by the number of the other one."""
    own_lane: bool = True
    """A lane is free when the message that runs in it is done; not when one that waits is lost."""
    recovery: Recovery = "exact"
    """A reader that waits for old messages takes just them, beyond its credit and past its gate.
    Else it stays within its credit, or takes whatever comes."""


class Variant(NamedTuple):
    """A broken protocol, and what it needs to show."""

    rules: Rules
    why: str
    scenario: Mapping[str, object] = {}
    """What every schedule has, whatever its seed says."""


def _off(name: str, why: str, scenario: Mapping[str, object] = {}, **more: object) -> Variant:
    return Variant(Rules(**{name: False, **more}), why, scenario)  # pyright: ignore[reportArgumentType]


_SMALL = {"is_small": True}
_POISON = {"poison": True, "faults": Faults(kill=0.01, lose=0.1, end_ms=20_000)}
_CRASHES = {"faults": Faults(kill=0.02, lose=0.02, crash_ms=400), "events": 8}
_GAPS_AND_CRASHES = {"faults": Faults(lose=0.1, crash_ms=500), "events": 8}
_GAPS = {"faults": Faults(lose=0.06, delay=0.06), "events": 10}
_LATE = {"faults": Faults(delay=0.08, pause=0.01), "replicas": 2}
_SLEEPY = {"faults": Faults(pause=0.05, end_ms=12_000), "replicas": 2, "events": 8}
_QUIET = {"faults": Faults(), "slow_calls": True}
RIGHT = Rules()
VARIANTS: Mapping[str, Variant] = {
    "window-ids": _off("create_only", "duplicates are known for a while only"),
    "age-purge": _off("causal_purge", "purge by the floors of the own readers"),
    "no-age": _off("purge_age", "purge at once", _LATE),
    "fresh-floor": _off("flushed_floors", "purge by floors that a crash forgets", _CRASHES),
    "quiet-floor": _off("idle_floor", "a quiet consumer holds everything back"),
    "early-ack": _off("ack_last", "acknowledge before the outputs are stored"),
    "blind-publish": _off("await_pub_ack", "do not wait for confirmations"),
    "busy-is-stored": _off("busy_is_retried", "a refusal in flight counts as stored"),
    "replay": _off("no_replay", "a connection sends its buffer again"),
    "max-deliver": _off("endless_delivery", "the server gives up after five deliveries"),
    "no-gate": _off("valve", "no gate on a small stream", _SMALL, gate="none"),
    "stored-gate": _off("valve", "the gate counts stored messages", _SMALL, gate="stored"),
    "late-journal": _off("journal_first", "record the answer after the outputs"),
    "no-journal-read": _off("journal_read", "a second run does not read the journal"),
    "own-answer": _off("journal_wins", "go on with the own answer, not the recorded one"),
    "journal-without-path": _off("journal_path", "two iterations share a record"),
    "loose-config": _off("pinned", "each run reads the newest configuration"),
    "state-apart": _off("state_cas", "state is stored without its answer"),
    "no-lease": _off("lease", "nobody looks at the clock", _SLEEPY),
    "no-renewal": _off("renew", "long calls lose their message", _QUIET),
    "stale-buffer": _off("awake", "a process that slept trusts its buffer", _SLEEPY),
    "counted-together": _off("count_alone", "a batch is counted and handled together", _POISON),
    "ack-before-letter": _off(
        "letter_first", "acknowledge before the dead letter is stored", _POISON
    ),
    "emit-without-path": _off("emit_path", "two iterations send under one id"),
    "edge-id-with-time": _off("stable_edge_id", "each attempt sends under another id"),
    "report-id-with-time": _off("stable_report_id", "each attempt reports under another id"),
    "failure-as-value": _off("failures_travel", "a failure becomes an empty value"),
    "first-forgotten": _off("first_travels", "an observed failure is forgotten at an edge"),
    "event-forgotten": _off("event_travels", "the event is forgotten at an edge"),
    "value-dropped": _off("all_values_travel", "a layout lacks a live value"),
    "park-twice": _off("park_once", "a second run opens the task again"),
    "resume-without-cas": _off("resume_cas", "a decision and a timer both win"),
    "no-lanes": _off("keyed_lanes", "messages of a key overtake each other"),
    "gap-unseen": _off("sees_gaps", "a delivery that got lost is not noticed", _GAPS),
    "recovery-in-credit": Variant(
        Rules(recovery="in-credit"), "old messages wait for credit", _SMALL
    ),
    "greedy-recovery": Variant(Rules(recovery="greedy"), "new ones come, too", _SMALL),
    "no-recovery": _off("lanes_recover", "new messages begin before old ones are back"),
}
"""Every broken protocol by name. Some need a module with what they break: see the tests."""

RARE: Mapping[str, Variant] = {
    "recovery-by-count": _off(
        "recovery_by_sequence", "after a crash young messages count for old ones", _GAPS_AND_CRASHES
    ),
}
"""Broken protocols that few schedules show, in small workflows with keys."""
