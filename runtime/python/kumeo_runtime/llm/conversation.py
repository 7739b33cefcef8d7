"""One attempt of an agent to get an answer: engines, questions, tools, corrections, budgets.

    for each engine of the chain:
        cache -> budget -> ask -> journal -> budget
              -> tools, and ask again      (bounded by `max_steps`)
              -> read and check the answer
              -> the error to the model, and ask again      (bounded by `reask`)

What is on the tape is not asked again: the same steps are walked, and each takes the answer that an
earlier delivery has recorded.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kumeo_runtime.llm.api import UNKNOWN_USAGE, DecisionSpec, ModelFault, Question, Reply, Usage
from kumeo_runtime.llm.budget import CODE, Limit, answer_max, charge, exceeded
from kumeo_runtime.llm.cache import Cache, key_of
from kumeo_runtime.llm.chain import Link, Strategy, order_of
from kumeo_runtime.llm.ledger import Ledger, Store
from kumeo_runtime.llm.tape import Said, Tape, Wanted
from kumeo_runtime.llm.tools import Toolbox
from kumeo_runtime.llm.transcript import Transcript
from kumeo_runtime.llm.usage import Amount, prompt_tokens
from kumeo_runtime.observe.usage import note_answer, note_repairs
from kumeo_runtime.values import Failure, Fault

if TYPE_CHECKING:
    from kumeo_runtime.agents.base import Call, Counters, Path

    class SpendingCall(Call, Protocol):
        """An activation with a store for budgets and caches."""

        @property
        def state(self) -> Store:
            """State that outlives the activation."""
            ...


Message = dict[str, Any]
CALLS_MAX = 64
"""Calls of tools in one answer: rounds have a bound, and so has what happens in one."""


@dataclass(frozen=True)
class Setup:
    """What all conversations of an agent share."""

    site: str
    id: str
    links: tuple[Link, ...]
    strategy: Strategy
    form: Any
    settings: Mapping[str, Any]
    limits: tuple[Limit, ...]
    ledgers: tuple[Ledger, ...]
    cache: Cache | None
    toolbox: Toolbox
    counters: "Counters"
    transcript: Transcript
    decision: DecisionSpec | None = None
    reasks: int = 1
    max_steps: int = 8


class Conversation:
    """One attempt."""

    def __init__(
        self, setup: Setup, act: "SpendingCall", path: "Path", tape: Tape, until: float
    ) -> None:
        self._setup = setup
        self._act = act
        self._path = path
        self._tape = tape
        self._end = self._until = until
        self._key = act.child_id(setup.site, path)
        self._done: tuple[Message, ...] = ()
        """What was said up to the last tool that acts: the next engine goes on from there."""

    async def answer(self, opening: tuple[Message, ...]) -> Any:
        """Return the answer of the first engine that gives one. Raises: Fault of the last one."""
        setup = self._setup
        links = order_of(setup.links, setup.strategy, self._act.id)
        fault = Fault("attempt-failed", f"agent `{setup.id}` has no engine")
        for number, link in enumerate(links):
            now = asyncio.get_running_loop().time()
            setup.counters.fallbacks += 1 if number else 0
            self._until = now + (self._end - now) / (len(links) - number)
            try:
                return await self._of(link, self._done or opening)
            except Fault as found:
                fault = found
        raise fault

    async def _of(self, link: Link, opening: tuple[Message, ...]) -> Any:
        cache = self._setup.cache
        if cache is None:
            return await self._talk(link, opening)
        key = self._cache_key(link, opening)
        is_live = self._tape.ahead() is None
        found = await cache.get(self._act.state, key) if is_live else None
        if found is not None:
            self._setup.counters.cache_hits += 1
            return found[0]
        value = await self._talk(link, opening)
        await cache.put(self._act.state, key, value)
        return value

    def _cache_key(self, link: Link, opening: tuple[Message, ...]) -> bytes:
        setup, specs = self._setup, self._setup.toolbox.specs
        schema = setup.form.schema
        return key_of(link.engine, opening, schema, setup.settings, link.server, specs)

    async def _talk(self, link: Link, opening: tuple[Message, ...]) -> Any:
        setup, messages, reasks, steps = self._setup, list(opening), 0, 0
        while True:
            said = await self._said(link, tuple(messages))
            if said.calls:
                steps += 1
                messages += await self._tools(said, steps)
                self._keep(said, messages)
                continue
            answer = setup.form.read(said.text)
            if not isinstance(answer, Failure):
                setup.counters.repaired += 1 if answer.flags else 0
                note_repairs(answer.flags)
                return answer.value
            if reasks == setup.reasks:
                raise Fault("invalid-answer", f"agent `{setup.id}`: {answer.message}")
            reasks += 1
            setup.counters.reasks += 1
            messages += _correction(said, answer)

    async def _tools(self, said: Said, step: int) -> list[Message]:
        """Return what the model called, and what came of it."""
        setup = self._setup
        if step > setup.max_steps:
            problem = f"agent `{setup.id}`: no answer after {setup.max_steps} steps with tools"
            raise Fault("too-many-steps", problem)
        if len(said.calls) > CALLS_MAX:
            problem = f"agent `{setup.id}`: {len(said.calls)} calls of tools in one answer"
            raise Fault("too-many-steps", f"{problem}, more than {CALLS_MAX}")
        answers: list[Message] = [_called(said)]
        number = self._tape.number
        for place, wanted in enumerate(said.calls):
            setup.counters.tool_calls += 1
            text = await self._tool(wanted, (*self._path, number, place))
            answers.append({"role": "tool", "tool_call_id": wanted.id, "content": text})
        return answers

    def _keep(self, said: Said, messages: list[Message]) -> None:
        """Keep a conversation in which a tool has acted: another engine would call it again."""
        if any(self._setup.toolbox.acts(each.name) for each in said.calls):
            self._done = tuple(messages)

    async def _tool(self, wanted: Wanted, path: "Path") -> str:
        """Return what a tool gives. It has the time of the attempt. Raises: Fault."""
        toolbox = self._setup.toolbox
        try:
            async with asyncio.timeout_at(self._end):
                return await toolbox.call(self._act, path, wanted.name, wanted.arguments)
        except TimeoutError:
            raise Fault("timeout", f"the tool `{wanted.name:.80}` took too long") from None

    # -- one question
    async def _said(self, link: Link, messages: tuple[Message, ...]) -> Said:
        """Return the next answer, from the tape or from the model. Raises: Fault."""
        tape, id = self._tape, f"{self._key}-{self._tape.number}"
        ahead = tape.ahead()
        if ahead is not None and ahead.engine != link.place:
            # A budget that refuses a question leaves no entry: the next one is of another engine.
            raise Fault("attempt-failed", f"`{link.engine}` was given up here")
        said = await self._paid(link, messages, id) if ahead is None else tape.take()
        for ledger in self._setup.ledgers:
            await ledger.settle(self._act.state, id, said.charged)
        if said.code:
            raise Fault(said.code, said.message)
        if self._setup.limits and not said.is_known:
            problem = "the server does not say what the answer took, so the budget cannot hold"
            raise Fault(CODE, problem)
        return said

    async def _paid(self, link: Link, messages: tuple[Message, ...], id: str) -> Said:
        """Ask, and record what comes before anybody sees it."""
        self._act.lease()
        question, most = self._question(link, messages)
        for ledger in self._setup.ledgers:
            await ledger.reserve(self._act.state, id, most)
        if any(limit.per == "event" for limit in self._setup.limits):
            known = await self._tape.announce(link.place, most)
            if known is not None:
                return known
        said = await self._asked(link, question, id, most)
        self._note(link, messages, said)
        return await self._tape.record(said)

    def _question(self, link: Link, messages: tuple[Message, ...]) -> tuple[Question, Amount]:
        """Return a question and the most that it takes. Raises: Fault when it does not fit."""
        setup, form, spent = self._setup, self._setup.form, self._tape.spent
        specs = setup.toolbox.specs
        prompt = prompt_tokens(messages, form.schema, [each.schema for each in specs])
        given = setup.settings.get("max_tokens")
        longest = answer_max(setup.limits, link.price, prompt, spent, given)
        most = charge(link.price, prompt, longest or 0)
        for limit in setup.limits:
            if limit.per == "event" and not limit.admits(spent.plus(most)):
                raise Fault(CODE, exceeded(limit))
        settings = {**setup.settings, "max_tokens": longest} if longest else setup.settings
        question = Question(
            model=link.model,
            messages=messages,
            schema=form.schema,
            is_strict=form.is_strict,
            settings=settings,
            tools=specs,
            decision=setup.decision,
            stream=bool(setup.settings.get("stream")),
        )
        return question, most

    async def _asked(self, link: Link, question: Question, id: str, most: Amount) -> Said:
        self._setup.counters.questions += 1
        try:
            reply = await link.exchange.ask(question, key=id, deadline=self._until)
        except ModelFault as fault:
            return self._failed(link, fault, most)
        if reply.first_s is not None:
            self._setup.counters.streams += 1
            self._setup.counters.first_token_seconds += reply.first_s
        return self._said_by(link, reply, most)

    def _said_by(self, link: Link, reply: Reply, most: Amount) -> Said:
        used, given = reply.usage, reply.probabilities
        charged = _charged(link, used, most).plus(most.times(reply.lost))
        return Said(
            self._tape.attempt,
            link.place,
            text=reply.text,
            calls=tuple(Wanted(each.id, each.name, each.arguments) for each in reply.tool_calls),
            tokens_in=used.tokens_in,
            tokens_out=used.tokens_out,
            cached_in=used.cached_in,
            is_known=used.is_known,
            tokens=charged.tokens,
            nano_usd=charged.nano_usd,
            model=reply.model,
            finish=reply.finish,
            probabilities=None if given is None else {k: dict(each) for k, each in given.items()},
        )

    def _failed(self, link: Link, fault: ModelFault, most: Amount) -> Said:
        """Return a question without an answer; what it took counts as well."""
        nothing = UNKNOWN_USAGE if fault.may_cost else Usage()
        used = fault.usage or nothing
        known = Amount() if fault.usage is None else _charged(link, used, most)
        lost = fault.lost or int(fault.may_cost and fault.usage is None)
        charged = known.plus(most.times(lost))
        return Said(
            self._tape.attempt,
            link.place,
            tokens_in=used.tokens_in,
            tokens_out=used.tokens_out,
            cached_in=used.cached_in,
            is_known=used.is_known,
            tokens=charged.tokens,
            nano_usd=charged.nano_usd,
            code=fault.code,
            message=fault.message,
        )

    def _note(self, link: Link, messages: tuple[Message, ...], said: Said) -> None:
        """Count what a question took, whatever came of it."""
        setup, counters = self._setup, self._setup.counters
        counters.tokens_in += said.tokens_in
        counters.tokens_out += said.tokens_out
        counters.unknown_usage += 0 if said.is_known else 1
        counters.usd += charge(link.price, said.tokens_in, said.tokens_out, said.cached_in).usd
        note_answer(link.model, said.model, said.finish, said.tokens_in, said.tokens_out)
        setup.transcript.note(setup.id, link.engine, messages, said.text or said.message)


def _charged(link: Link, used: Usage, most: Amount) -> Amount:
    """Return what counts against budgets: what was used, or the worst case where nobody says it."""
    if not used.is_known:
        return most
    return charge(link.price, used.tokens_in, used.tokens_out, used.cached_in)


def _called(said: Said) -> Message:
    calls = [
        {
            "id": each.id,
            "type": "function",
            "function": {"name": each.name, "arguments": each.arguments},
        }
        for each in said.calls
    ]
    return {"role": "assistant", "content": said.text, "tool_calls": calls}


def _correction(said: Said, failure: Failure) -> list[Message]:
    text = (
        f"This answer cannot be used: {failure.message}. "
        "Answer once more, only with JSON that fits the schema."
    )
    return [{"role": "assistant", "content": said.text}, {"role": "user", "content": text}]
