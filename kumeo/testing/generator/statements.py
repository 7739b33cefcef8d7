"""Random statements: agents, emits, branches, loops, `try`, calls, and values for later."""

import random
from collections.abc import Callable, Sequence

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i1, i64
from xdsl.ir import Attribute, Operation, Region, SSAValue

from kumeo.dialects.agent import AgentOp, DecideOp, PolicyAttr
from kumeo.dialects.data import (
    BOOL,
    INT,
    STR,
    AndOp,
    CompareOp,
    EnumType,
    GetOp,
    IsSomeOp,
    ListType,
    NoneOp,
    OptionType,
    OrOp,
    RecordOp,
    RecordType,
    SomeOp,
    is_nullable,
    option_of,
)
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import (
    CallOp,
    ForeachOp,
    IfOp,
    MatchOp,
    NowOp,
    ReadConfigOp,
    TryOp,
    YieldOp,
)
from kumeo.dialects.workflow.control import ERROR_TYPE
from kumeo.testing.generator.agents import Agents, Names
from kumeo.testing.generator.kinds import Kinds
from kumeo.testing.generator.scope import Scope
from kumeo.testing.generator.values import Values, anything

NESTING_MAX = 3


class Statements:
    """Fills the scopes of one body with up to `left` statements."""

    def __init__(
        self,
        rng: random.Random,
        kinds: Kinds,
        names: Names,
        configs: Sequence[tuple[str, Attribute]],
        size: int,
    ) -> None:
        self.rng = rng
        self.kinds = kinds
        self.names = names
        self.configs = configs
        self.left = size
        self.make = Values(rng, kinds)
        self.agents = Agents(rng, kinds, self.make)

    def fill(self, scope: Scope, most: int, nesting: int = 0) -> None:
        """Write up to `most` statements at the end of a scope."""
        weights = _WEIGHTS if nesting < NESTING_MAX else _FLAT_WEIGHTS
        while self.left > 0 and most > 0:
            self.left -= 1
            most -= 1
            self.rng.choices(_WAYS, weights)[0](self, scope, nesting)

    def inside(
        self,
        scope: Scope,
        nesting: int,
        kinds: Sequence[Attribute],
        yielded: Sequence[SSAValue] | None = None,
    ) -> Region:
        """Return the region of a control op: some statements, then the values it yields."""
        self.fill(scope, self.rng.randrange(1, 4), nesting + 1)
        if yielded is None:
            yielded = [self.make.value(scope, kind, 1) for kind in kinds]
        scope.end(YieldOp, yielded)
        return Region(scope.block)

    def finish(self, scope: Scope, op: Operation) -> None:
        """Append a control op; what it gives is often sent at once."""
        scope.add(op)
        if op.results and self.rng.random() < 0.5:
            self.agents.emit(scope, self.names, self.rng.choice(op.results))

    def results(self) -> list[Attribute]:
        """Return the types of up to two results."""
        return [self.kinds.any() for _ in range(self.rng.choice((0, 0, 1, 1, 2)))]

    def optional(self, scope: Scope, kind: Attribute, present: bool) -> SSAValue:
        """Return a value or a null as `T?`; a json value stands for both."""
        if is_nullable(kind):
            return self.make.value(scope, kind, 1)
        if present:
            return scope.add(SomeOp(self.make.value(scope, kind, 1))).result
        return scope.add(NoneOp(OptionType(kind))).result


def _let(s: Statements, scope: Scope, nesting: int) -> None:
    if s.rng.random() < 0.5 or _part_of_answer(s, scope) is None:
        s.make.value(scope, s.kinds.any())


def _agent(s: Statements, scope: Scope, nesting: int) -> None:
    made = s.agents.write(scope, s.names)
    if isinstance(made, DecideOp) and s.names.may_act and s.rng.random() < 0.5:
        s.agents.emit(scope, s.names, made.result)


def _same_agent(s: Statements, scope: Scope, nesting: int) -> None:
    """Write an agent of this block again, under another name; it may have another policy."""
    if not scope.agents:
        _agent(s, scope, nesting)
        return
    mergeable = [agent for agent in scope.agents if own_facts(agent).mergeable]
    old = s.rng.choice(mergeable if mergeable and s.rng.random() < 0.6 else scope.agents)
    new = _copy(s, scope, old)
    for op in new.walk():
        if "site" in op.properties:
            name = StringAttr(s.names.fresh("again"))
            op.properties["site"] = name
            if "id" in op.properties:
                op.properties["id"] = name
    scope.add(new)
    scope.agents.append(new)
    if s.rng.random() < 0.6:
        # Two answers side by side, as in a vote: one answer for both would be seen.
        kind = RecordType.of({"one": old.result.type, "two": new.result.type})
        s.agents.emit(scope, s.names, scope.made(RecordOp, (old.result, new.result), kind))


def _copy(s: Statements, scope: Scope, old: AgentOp) -> AgentOp:
    """Return an agent that does the same work, now and then with another policy or fallback."""
    new = old.clone()
    if s.rng.random() < 0.4:
        new.properties["policy"] = PolicyAttr(None, s.rng.choice((1, 2, 3)))
    if s.rng.random() > 0.35:
        return new
    bodies = [region for region in new.regions if region is not new.fallback]
    if new.fallback is None:
        bodies.append(s.agents.fallback(scope, s.names, new.result.type, 0))
    other = type(new).create(
        operands=new.operands,
        result_types=new.result_types,
        properties=new.properties,
        regions=[r if r.parent is None else new.detach_region(r) for r in bodies],
    )
    # What is left of the first copy may not stay among the readers of its operands.
    new.drop_all_references()
    return other


def _emit(s: Statements, scope: Scope, nesting: int) -> None:
    if s.rng.random() < 0.6:
        value = anything(s.make, scope, s.rng.randrange(1, 4))
    else:
        value = scope.some(s.rng) or s.make.constant(scope, INT)
    s.agents.emit(scope, s.names, value)


def _if(s: Statements, scope: Scope, nesting: int) -> None:
    condition, kinds = _condition(s, scope), s.results()
    # Both branches may yield the same values: the condition still matters when it fails.
    same = [s.make.value(scope, kind, 0) for kind in kinds] if s.rng.random() < 0.25 else None
    then = s.inside(scope.inner(), nesting, kinds, same)
    other = s.inside(scope.inner(), nesting, kinds, same)
    s.finish(scope, IfOp(condition, kinds, then, other))


def _condition(s: Statements, scope: Scope) -> SSAValue:
    """Return a condition; now and then it is a constant."""
    choice = s.rng.random()
    if choice < 0.1:
        return s.make.constant(scope, BOOL)
    if choice < 0.5:
        return _about_agent(s, scope)
    return s.make.value(scope, BOOL)


def _about_agent(s: Statements, scope: Scope) -> SSAValue:
    """Return a condition on what an agent found, alone or with another condition."""
    found = _part_of_answer(s, scope)
    if found is None:
        return s.make.value(scope, BOOL)
    kind = found.type
    if isinstance(kind, OptionType):
        test = scope.made(IsSomeOp, (found,), BOOL)
    elif kind == BOOL:
        test = found
    else:
        wanted = s.make.constant(scope, kind)
        test = scope.made(CompareOp, (found, wanted), BOOL, predicate=StringAttr("eq"))
    if s.rng.random() < 0.5:
        return test
    sides = [test, s.make.value(scope, BOOL)]
    s.rng.shuffle(sides)
    return scope.made(s.rng.choice((AndOp, OrOp)), sides, BOOL)


def _part_of_answer(s: Statements, scope: Scope) -> SSAValue | None:
    """Return what an agent found, or a field of it, or None."""
    agents: list[AgentOp] = []
    around: Scope | None = scope
    while around is not None:
        agents += around.agents
        around = around.around
    if not agents:
        return None
    answer = s.rng.choice(agents).result
    if not isinstance(answer.type, RecordType):
        return answer
    name, field = s.rng.choice(answer.type.fields)
    return scope.made(GetOp, (answer,), field, field=StringAttr(name))


def _when(s: Statements, scope: Scope, nesting: int) -> None:
    """Run an agent under a condition; its value is optional afterwards."""
    condition = _condition(s, scope)
    then, other = scope.inner(), scope.inner()
    agent = s.agents.write(then, s.names)
    kind = agent.result.type
    if is_nullable(kind):
        yielded = agent.result
        otherwise = s.optional(other, kind, present=False)
    else:
        yielded = then.add(SomeOp(agent.result)).result
        otherwise = other.add(NoneOp(OptionType(kind))).result
    then.end(YieldOp, [yielded])
    other.end(YieldOp, [otherwise])
    scope.add(IfOp(condition, [option_of(kind)], Region(then.block), Region(other.block)))


def _merge(s: Statements, scope: Scope, nesting: int) -> None:
    """Bind a name in one branch only: it is optional afterwards, and read."""
    kind, condition = s.kinds.scalar(), _condition(s, scope)
    then, other = scope.inner(), scope.inner()
    present = s.rng.random() < 0.5
    for side, has_value in ((then, present), (other, not present)):
        s.fill(side, 1, nesting + 1)
        side.end(YieldOp, [s.optional(side, kind, has_value)])
    merged = IfOp(condition, [option_of(kind)], Region(then.block), Region(other.block))
    scope.add(merged)
    s.make.value(scope, kind, 1)


def _same_id(s: Statements, scope: Scope, nesting: int) -> None:
    """Write an agent with one id in both branches, as `LLM(id: "x")` in an `if` and its `else`."""
    condition, id = _condition(s, scope), s.names.fresh("both")
    kind = s.kinds.answer()
    regions: list[Region] = []
    for _ in range(2):
        side = scope.inner()
        value = s.agents.answering(kind, side, s.names, id=id)
        side.end(YieldOp, [value])
        regions.append(Region(side.block))
    scope.add(IfOp(condition, [kind], *regions))


def _match(s: Statements, scope: Scope, nesting: int) -> None:
    subject = s.rng.choice((s.kinds.small, s.kinds.wide, STR, INT, BOOL))
    value, kinds = s.make.value(scope, subject, 2), s.results()
    values = _cases(subject)
    total = isinstance(subject, EnumType) or subject == BOOL
    default = not total or s.rng.random() < 0.4
    cases = [values[:1], values[1:2]] if default else [values[:1], values[1:]]
    count = len(cases) + default
    regions = [s.inside(scope.inner(), nesting, kinds) for _ in range(count)]
    s.finish(scope, MatchOp(value, cases, kinds, regions))


def _cases(subject: Attribute) -> list[Attribute]:
    """Return constants to match; all of them for an enum or a truth value."""
    if isinstance(subject, EnumType):
        return [StringAttr(name) for name in subject.names]
    if subject == BOOL:
        return [IntegerAttr(1, i1), IntegerAttr(0, i1)]
    if subject == INT:
        return [IntegerAttr(number, i64) for number in (0, 1)]
    return [StringAttr(text) for text in ("a", "")]


def _foreach(s: Statements, scope: Scope, nesting: int) -> None:
    items = s.make.value(scope, s.rng.choice(s.kinds.lists), 2)
    assert isinstance(items.type, ListType), "the pool of lists has lists only"
    kinds = s.results()
    body = s.inside(scope.inner(items.type.item), nesting, kinds)
    s.finish(scope, ForeachOp(items, [ListType(kind) for kind in kinds], body))


def _try(s: Statements, scope: Scope, nesting: int) -> None:
    kinds = s.results()
    body = s.inside(scope.inner(), nesting, kinds)
    handler = s.inside(scope.inner(ERROR_TYPE), nesting, kinds)
    s.finish(scope, TryOp(kinds, body, handler))


def _call(s: Statements, scope: Scope, nesting: int) -> None:
    if not s.names.callees:
        _agent(s, scope, nesting)
        return
    callee = s.rng.choice(s.names.callees)
    arguments = [s.make.value(scope, kind, 1) for kind in callee.function_type.inputs.data]
    site = s.names.fresh("call")
    scope.add(CallOp(callee.symbol, arguments, callee.returned_types, site))


def _pack(s: Statements, scope: Scope, nesting: int) -> None:
    """Make a record of what is there and read one field again."""
    packed = anything(s.make, scope, s.rng.randrange(2, 4))
    assert isinstance(packed.type, RecordType), "it packs a record"
    name, kind = s.rng.choice(packed.type.fields)
    field = scope.made(GetOp, (packed,), kind, field=StringAttr(name))
    if s.rng.random() < 0.6:
        s.agents.emit(scope, s.names, field)


def _config(s: Statements, scope: Scope, nesting: int) -> None:
    name, kind = s.rng.choice(s.configs)
    value = scope.add(ReadConfigOp(name, kind)).result
    if s.rng.random() < 0.4:
        s.agents.emit(scope, s.names, value)


def _now(s: Statements, scope: Scope, nesting: int) -> None:
    scope.add(NowOp())


_WAYS: tuple[Callable[[Statements, Scope, int], None], ...] = (
    _let,
    _agent,
    _same_agent,
    _emit,
    _config,
    _now,
    _call,
    _pack,
    _if,
    _when,
    _merge,
    _same_id,
    _match,
    _foreach,
    _try,
)
_FLAT = 8
_WEIGHTS = (8, 17, 11, 17, 3, 2, 5, 4, 8, 5, 4, 2, 5, 6, 7)
_FLAT_WEIGHTS = (*_WEIGHTS[:_FLAT], *(0 for _ in _WAYS[_FLAT:]))
