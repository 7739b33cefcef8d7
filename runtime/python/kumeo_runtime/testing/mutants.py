"""The protocol with one rule broken at a time. The simulation must see every one."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from kumeo_runtime.activation import Activation, StateEntry
from kumeo_runtime.agents.aggregate import Aggregate
from kumeo_runtime.agents.base import AwaitedAgent
from kumeo_runtime.config import Settings
from kumeo_runtime.engine import floors, janitor, lanes, provision, reader
from kumeo_runtime.engine.floors import History
from kumeo_runtime.engine.gate import UNLIMITED, Gate
from kumeo_runtime.engine.janitor import Janitor
from kumeo_runtime.engine.journal import StoredJournal
from kumeo_runtime.engine.known import KnownStates
from kumeo_runtime.engine.lease import Lease, Watch
from kumeo_runtime.engine.names import Names
from kumeo_runtime.engine.outbox import Outbox
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.reader import Reader
from kumeo_runtime.engine.state import StoredState
from kumeo_runtime.engine.suspects import Suspects
from kumeo_runtime.engine.waiting import Waiting
from kumeo_runtime.functions_text import json_text
from kumeo_runtime.spec import Edge
from kumeo_runtime.testing.simulate import Scenario
from kumeo_runtime.testing.world import SETTINGS
from kumeo_runtime.transport.api import Outgoing
from kumeo_runtime.transport.memory_consumer import MemoryConsumer
from kumeo_runtime.transport.memory_server import MemoryServer

Patches = list[Any]


@dataclass(frozen=True)
class Mutant:
    """A broken rule: what is replaced, and where it shows."""

    rule: str
    scenario: Scenario
    patches: Callable[[], Patches]
    settings: Settings = field(default_factory=lambda: SETTINGS)
    hint: int = 0
    """A seed that is likely to show it."""

    @contextmanager
    def broken(self) -> Generator[None]:
        """Break the rule for a while."""
        with ExitStack() as stack:
            for one in self.patches():
                stack.enter_context(one)
            yield


def _window_instead_of_create_only() -> Patches:
    send, own = Activation.send, provision.own_streams

    def with_id(self: Activation, edge: Edge, message: Any, *, path: Any = ()) -> None:
        send(self, edge, message, path=path)
        last = self.outputs[-1]
        key = last.subject.rsplit(".", 1)[1]
        self.outputs[-1] = Outgoing(last.subject, last.payload, {"Nats-Msg-Id": key})

    def short_window(shared: Any) -> Any:
        return [replace(config, duplicate_window_s=2.0) for config in own(shared)]

    return [
        patch.object(Activation, "send", with_id),
        patch.object(provision, "own_streams", short_window),
    ]


def _early_ack() -> Patches:
    returned = Reader.returned

    def acked_first(self: Reader, job: Any, act: Any) -> None:
        self._shared.transport.ack(job.delivery)
        returned(self, job, act)

    return [patch.object(Reader, "returned", acked_first)]


def _no_journal_read() -> Patches:
    async def nothing(self: Any, *args: Any, **kwargs: Any) -> None:
        return None

    return [patch.object(StoredJournal, "read", nothing)]


def _late_journal() -> Patches:
    record = StoredJournal.record

    async def later(self: Any, site: str, path: Any, value: Any, type: Any) -> Any:
        async def store() -> None:
            await asyncio.sleep(0.3)
            await record(self, site, path, value, type)

        self._shared.spawn(store())
        return value

    return [patch.object(StoredJournal, "record", later)]


def _no_lease() -> Patches:
    return [
        patch.object(Lease, "holds", lambda self, delivery: True),
        patch.object(Watch, "awake", lambda self, now: True),
    ]


def _own_floor_only() -> Patches:
    def own(self: Any, entry: Any, aged: Any) -> int:
        return aged.floors[entry.stream, entry.durable]

    return [patch.object(Janitor, "limit", own)]


def _no_rule_for_the_journal() -> Patches:
    def at_once(self: Any, aged: Any, inputs: Any, stream: str) -> int:
        return aged.lasts[stream]

    return [patch.object(History, "released", at_once)]


def _stored_gate() -> Patches:
    async def stored(self: Any, stream: str, durable: str) -> int:
        info = await self._shared.transport.stream_info(stream)
        return info.messages

    return [patch.object(Gate, "live_of", stored), _no_valve()]


def _no_gate() -> Patches:
    return [patch.object(Gate, "room", lambda self: UNLIMITED), _no_valve()]


def _no_valve() -> Any:
    async def shut(self: Any, sample: Any) -> None:
        return None

    return patch.object(Janitor, "_relieve", shut)


def _server_gives_up() -> Patches:
    deliver = MemoryConsumer._deliver

    def at_most_five(self: Any, entry: Any, puller: Any, now: float) -> None:
        before = self.waiting.get(entry.seq)
        if before is not None and before.attempt >= 5:
            self.ready.popleft()
            del self.waiting[entry.seq]
            return
        deliver(self, entry, puller, now)

    class GivesUp(MemoryConsumer):
        _deliver = at_most_five

    return [patch.object(MemoryServer, "consumer_type", GivesUp)]


def _batch_counted_together() -> Patches:
    def together(self: Any, job: Any) -> None:
        self._shared.spawn(self.handle(job))

    return [patch.object(Suspects, "enter", together)]


def _attempts_not_counted() -> Patches:
    async def first(self: Any, job: Any) -> int:
        return 2

    return [patch.object(Suspects, "count", first)]


def _no_lanes() -> Patches:
    return [patch.object(reader, "is_keyed", lambda handler: False)]


def _lanes_without_recovery() -> Patches:
    async def at_once(kept: Any, *args: Any) -> None:
        kept.go_on()

    return [patch.object(reader, "recover", at_once)]


def _gaps_not_seen() -> Patches:
    return [patch.object(lanes.Lanes, "is_gap", lambda self, delivery: False)]


def _no_pin() -> Patches:
    return [patch.object(module, "pin_of", lambda handler: 0.0) for module in (reader, provision)]


def _resume_apart_from_state() -> Patches:
    async def one_by_one(self: Any, messages: Any) -> bool:
        for message in messages:
            await self._shared.store(message)
        return True

    return [patch.object(Parking, "_batch", one_by_one)]


def _publishes_not_retried() -> Patches:
    def forgotten(self: Any, sending: Any, refused: Any) -> None:
        sending.job.waiting -= 1
        if sending.job.waiting == 0:
            sending.job.reader.confirmed(sending.job)

    return [patch.object(Outbox, "refused", forgotten)]


def _journal_before_state() -> Patches:
    async def swapped(self: Any, act: Any, path: Any, inputs: Any) -> Any:
        key_value, *given = inputs.values()
        key = json_text(key_value)
        row = [self._kept(i, value) for i, value in enumerate(given)]
        while True:
            known = await act.journal.read(self.site, path, self.result)
            if known is not None:
                return known.value
            entry = await act.state.read(self.site, key)
            new, answer = self._reduced(act, entry, row)
            if await self._stored(act, path, key, new, entry.seq, answer):
                return answer

    return [patch.object(Aggregate, "_applied", swapped)]


def _last_result_not_recorded() -> Patches:
    return [patch.object(StoredState, "_recording", lambda self, kept: None)]


def _recording_not_awaited() -> Patches:
    async def at_once(self: Any, name: str, key: str) -> StateEntry:
        subject = self._subject(name, key)
        known = self._shared.states.get(subject) or await self._fetched(subject)
        return StateEntry(known.kept.value, known.seq)

    return [patch.object(StoredState, "read", at_once)]


def _cache_without_cas() -> Patches:
    put = StoredState._put

    async def blindly(self: Any, subject: str, kept: Any, expected_seq: int) -> Any:
        return await put(self, subject, kept, None)  # type: ignore[arg-type]

    return [patch.object(StoredState, "_put", blindly)]


def _cache_kept_after_a_conflict() -> Patches:
    return [patch.object(KnownStates, "forget", lambda self, subject: None)]


def _schedule_after_ack() -> Patches:
    enter = Waiting.enter

    def acked_first(self: Any, job: Any, act: Any, later: Any) -> None:
        self._shared.transport.ack(job.delivery)
        enter(self, job, act, later)

    return [patch.object(Waiting, "enter", acked_first)]


def _fired_not_looked_for() -> Patches:
    return [patch.object(Names, "wait", Names.waiting)]


def _journal_left_behind() -> Patches:
    return [patch.object(StoredJournal, "_note", lambda self, *args: None)]


def _attempts_begin_anew() -> Patches:
    async def first(self: Any, act: Any, path: Any) -> Any:
        return 1, None

    return [patch.object(AwaitedAgent, "_recorded", first)]


def _inputs_seen_before_outputs() -> Patches:
    look = floors.look

    async def swapped(shared: Any, inputs: Any, extra: Any) -> Any:
        """See which inputs there are long before which outputs there are."""
        streams = sorted({entry.stream for entry in inputs})
        ends = await floors.ends_of(shared, streams)
        await asyncio.sleep(0.5)
        found = await look(shared, inputs, extra)
        return None if found is None or ends is None else replace(found, ends=ends)

    return [patch.object(janitor, "look", swapped)]


NO_AGE = SETTINGS.model_copy(update={"purge_age_s": 0.0, "janitor_s": 0.1})
OFTEN = SETTINGS.model_copy(update={"janitor_s": 0.3})
MUTANTS = (
    Mutant("window instead of create-only", "plain", _window_instead_of_create_only),
    Mutant("early ack", "calls", _early_ack),
    Mutant("no journal read", "calls", _no_journal_read),
    Mutant("late journal", "calls", _late_journal),
    Mutant("no lease", "plain", _no_lease),
    Mutant("purge by own floor and age", "plain", _own_floor_only, hint=10),
    Mutant("no purge age", "plain", list, NO_AGE, 44),
    Mutant("purge without the rule across streams", "calls", _no_rule_for_the_journal),
    Mutant("inputs seen before outputs", "calls", _inputs_seen_before_outputs, OFTEN, 22),
    Mutant("gate on stored messages", "small", _stored_gate),
    Mutant("no gate", "small", _no_gate),
    Mutant("server gives up", "calls", _server_gives_up),
    Mutant("batch counted together", "calls", _batch_counted_together),
    Mutant("attempts not counted", "calls", _attempts_not_counted),
    Mutant("publishes not retried", "calls", _publishes_not_retried),
    Mutant("no lanes", "keys", _no_lanes),
    Mutant("lanes without recovery", "keys", _lanes_without_recovery),
    Mutant("gaps not seen", "keys", _gaps_not_seen),
    Mutant("two readers of a keyed consumer", "keys", _no_pin),
    Mutant("resume apart from the state", "tasks", _resume_apart_from_state, hint=37),
    Mutant("journal before state", "sums", _journal_before_state),
    Mutant("last result not recorded", "sums", _last_result_not_recorded),
    Mutant("recording not awaited", "sums", _recording_not_awaited),
    Mutant("cache without CAS", "sums", _cache_without_cas),
    Mutant("cache kept after a conflict", "sums", _cache_kept_after_a_conflict),
    Mutant("schedule after the ack", "later", _schedule_after_ack),
    Mutant("what has fired not looked for", "later", _fired_not_looked_for, hint=13),
    Mutant("journal stays behind", "later", _journal_left_behind),
    Mutant("attempts begin anew", "later", _attempts_begin_anew),
)
