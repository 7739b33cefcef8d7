"""A delivery in the hands of a worker: run the handler, store every output, acknowledge.

Each `yield` is an effect; the process may end or stand still at any of them. The order of effects
is the protocol, and `rules` may break it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kumeo.dialects.agent import MESSAGE, AgentOp, AggregateOp
from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.messaging import EdgeOp
from kumeo.dialects.settings import strings_of
from kumeo.interp.aggregate import REDUCERS, Aggregate
from kumeo.interp.evaluate import Scope
from kumeo.interp.messaging.activations import Meta, Running, run_body
from kumeo.interp.messaging.clock import DIE, TIMEOUT, Effects
from kumeo.interp.messaging.server import ACK_WAIT_MS, BUSY, OK, STORED, Delivery, Sent
from kumeo.interp.messaging.wire import Body, Layout
from kumeo.interp.results import canonical_json
from kumeo.interp.stages import Way
from kumeo.interp.stubs import stub
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import from_json, to_json
from kumeo.interp.world import CallKey

if TYPE_CHECKING:
    from kumeo.interp.messaging.readers import Reader

SAFE_MS = ACK_WAIT_MS * 9 // 10
"""How long a worker trusts a delivery."""
ATTEMPTS = 12
BACKOFF_MS = 40


Opened: TypeAlias = tuple[list[Value], Mapping[int, Value]]
"""The values of a message, and what somebody has answered, by attempt."""


class LeaseLost(Exception):  # noqa: N818 - a condition, not an error
    """The delivery may be somebody else's by now: drop it."""


class Job:
    """One delivery of one message."""

    __slots__ = ("delivery", "is_over", "lane", "late", "leased", "meta", "reader", "rules", "sim")

    def __init__(self, reader: "Reader", delivery: Delivery, leased: int) -> None:
        self.reader = reader
        self.sim = reader.sim
        self.rules = reader.sim.rules
        self.delivery = delivery
        self.leased = leased
        """When the delivery was handed out or renewed."""
        self.is_over = False
        self.lane = ""
        self.meta: Meta | None = None
        self.late: list[tuple[Any, Value]] = []
        """Answers that are recorded too late, where that rule is broken."""

    @property
    def holds(self) -> bool:
        """Return whether nobody else can have got the message."""
        return self.sim.clock.now - self.leased < SAFE_MS

    def check(self) -> None:
        """Return if the message is still in these hands. Raises: LeaseLost."""
        if self.is_over or (self.rules.lease and not self.holds):
            raise LeaseLost

    # -- the way of a message
    def run(self) -> Effects:
        """Handle the message, however it ends."""
        try:
            yield from self._handle()
        except LeaseLost:
            self.reader.drop(self)

    def count(self) -> Effects:
        """Write one more attempt down; return whether there may be another one."""
        key = ("attempts", self.reader.name, self.delivery.message.seq)
        while True:
            known = yield from self.insist(self.sim.server.get, key)
            number = 2 if known is None else known.value + 1
            if number > ATTEMPTS:
                return False
            revision = 0 if known is None else known.revision
            if (yield from self.insist(self.sim.server.put, key, number, revision)) == OK:
                return True

    def bury(self) -> Effects:
        """Make a dead letter of the message."""
        message = self.delivery.message
        event = self.sim.event_in(message.data).id
        data = ("attempts-exhausted", self.reader.handler.name, event)
        letter = Sent(None, f"letter/{self.reader.name}/{message.seq}", data)
        if self.rules.letter_first:
            yield from self.publish(self.sim.server.emit, letter)
            yield from self.finish()
            return
        yield from self.finish()
        yield (self.sim.server.emit, letter)

    def finish(self) -> Effects:
        """Acknowledge; an acknowledgement that is lost only makes the message come again.

        The job ends first: what the server has as done must not count as held.
        """
        self.reader.done.add(self.delivery.message.seq)
        self.reader.end(self)
        yield (self.sim.server.ack, self.reader.name, self.delivery.message.seq)

    def _handle(self) -> Effects:
        sim, handler = self.sim, self.reader.handler
        if not self.rules.ack_last:
            yield (sim.server.ack, self.reader.name, self.delivery.message.seq)
        opened: Opened | Failure = yield from self.reader.open(self)
        meta = self.meta
        assert meta is not None, "a message that was opened has one"
        if sim.is_poison(handler.name, meta.event.id):
            yield DIE
        if isinstance(opened, Failure):
            yield from self._store([self._report(meta, opened)], None)
            return
        values, answers = opened
        session = sim.prepared.fresh(sim.world)
        act = Running(
            session,
            meta.event,
            handler.op,
            meta.now_us,
            meta.config,
            worker=self,
            answered=handler.answered,
            answers=answers,
        )
        scope = Scope(meta.first)
        way: Way | None = yield from run_body(act, scope, values)
        route = (*meta.route, handler.name)
        outputs = [Sent(e.target, sim.note_emit(e), e.payload, route) for e in session.run.emitted]
        if way is None and scope.first is not None:
            outputs.append(self._report(meta, scope.first))
        yield from self._store(outputs, way, meta._replace(first=scope.first, route=route))

    def _report(self, meta: Meta, failure: Failure) -> Sent:
        failed = (failure.code, failure.message, failure.agent or "")
        data = (*failed, meta.event.id, canonical_json(meta.event.payload))
        entry = meta.route[0] if meta.route else self.reader.handler.name
        stamp = "" if self.rules.stable_report_id else f"/{self.sim.clock.now}"
        name = f"report/{meta.event.id}/{entry}{stamp}"
        return Sent(self.reader.handler.op.on_error_name, name, data)

    def _store(self, outputs: list[Sent], way: Way | None, meta: Meta | None = None) -> Effects:
        server = self.sim.server
        for sent in outputs:
            yield from self.publish(server.emit, sent)
        if way is not None:
            assert meta is not None, "only an activation goes on"
            yield from self._send(way, meta)
        for key, value in self.late:
            yield from self.insist(server.create, key, value)
        yield from self.finish()

    def _send(self, way: Way, meta: Meta) -> Effects:
        sim, rules = self.sim, self.rules
        edge = sim.prepared.edges[way.target]
        if not (rules.event_travels and edge.carries_event is not None):
            meta = meta._replace(event=sim.without_payload(meta.event))
        if not rules.first_travels:
            meta = meta._replace(first=None)
        body = sim.prepared.layouts[way.target].write(way.values)
        if not rules.failures_travel:
            body = body._replace(values=_without_failures(edge, body), failed={})
        if not rules.all_values_travel:
            body = body._replace(values=body.values[:-1])
        name = f"{meta.event.source}/{meta.event.id}"
        if way.mode == MESSAGE:
            stamp = "" if rules.stable_edge_id else f"/{sim.clock.now}"
            yield from self.publish(sim.server.publish, way.target, name + stamp, (meta, body))
            return
        yield from sim.people.park(self, way, name, meta, body)

    # -- effects
    def publish(self, function: Any, *arguments: Any) -> Effects:
        """Store an output; return when the server has it."""
        while True:
            self.check()
            answer = yield (function, *arguments)
            if answer in (OK, STORED) or not self.rules.await_pub_ack:
                return
            if answer == BUSY and not self.rules.busy_is_retried:
                return
            yield BACKOFF_MS

    def insist(self, function: Any, *arguments: Any) -> Effects:
        """Ask until there is an answer, and return it."""
        while True:
            answer = yield (function, *arguments)
            if answer != TIMEOUT:
                return answer
            yield BACKOFF_MS
            self.check()

    # -- agents
    def call(self, op: AgentOp, key: CallKey, recorded: bool) -> Effects:
        """Return the outcome of an attempt: as recorded, or as the agent answers now."""
        sim, rules, name = self.sim, self.rules, self._record_name(key)
        if recorded and rules.journal_read:
            known = yield from self.insist(sim.server.get, name)
            if known is not None:
                return known.value
        self.check()
        sim.note_call(name, key)
        yield sim.duration(key)
        outcome = sim.answer(op, key)
        if not recorded:
            sim.unrecorded[key] = outcome
            return outcome
        if not rules.journal_first:
            self.late.append((name, outcome))
            return outcome
        stored = yield from self.insist(sim.server.create, name, outcome)
        return stored if rules.journal_wins else outcome

    def apply(self, op: AggregateOp, key: CallKey, values: list[Value], recorded: bool) -> Effects:
        """Take the event into account, once, and return the answer of the aggregate."""
        server, name = self.sim.server, self._record_name(key)
        keyed = canonical_json(to_json(values[0], op.key.type))
        place = ("state", key.site, keyed)
        while True:
            if recorded and self.rules.journal_read:
                known = yield from self.insist(server.get, name)
                if known is not None:
                    return known.value
            self.check()
            state = yield from self.insist(server.get, place)
            old, events = (None, ()) if state is None else state.value
            new, outcome = self._applied(op, key, old, keyed, values)
            if new is None:
                return (yield from self.insist(server.create, name, outcome))
            entry = (new, (*events, key))
            if not self.rules.state_cas:
                yield from self.insist(server.put, place, entry, None)
                return (yield from self.insist(server.create, name, outcome))
            revision = 0 if state is None else state.revision
            puts = [(place, entry, revision)] + ([(name, outcome, 0)] if recorded else [])
            if (yield (server.batch, puts)) == OK:
                self.sim.unrecorded[key] = outcome
                return outcome
            yield BACKOFF_MS

    def _applied(
        self, op: AggregateOp, key: CallKey, old: Any, keyed: str, values: list[Value]
    ) -> tuple[Any, Value]:
        """Return the new state of a key and the answer; no state when it fails."""
        kind = op.result.type
        assert isinstance(kind, RecordType), "the verifier checks the result"
        assert self.meta is not None, "an open message has one"
        reducers = [REDUCERS[name] for name in strings_of(op.reducers)]
        state = Aggregate(reducers, op.window_us, {} if old is None else {keyed: old})
        try:
            answer = state.apply(keyed, self.meta.now_us, values[1:])
        except DataFailure as fault:
            return None, Failure(fault.code, fault.message, key.site)
        return state.keys[keyed], dict(zip(kind.names, answer, strict=True))

    def _record_name(self, key: CallKey) -> tuple[str, CallKey]:
        return "j", key if self.rules.journal_path else key._replace(path=())


def _without_failures(edge: EdgeOp, body: Body) -> tuple[Any, ...]:
    """Return the values of a body, with something of the right type in place of each failure."""
    empty = {f.name: from_json(stub(f.type, "empty"), f.type) for f in edge.fields}
    written = Layout(edge).write([empty[f.name] for f in edge.fields]).values
    return tuple(
        new if field.name in body.failed else old
        for field, old, new in zip(edge.fields, body.values, written, strict=True)
    )
