"""Random expressions: a value of a wanted type, from what is in scope, constants and data ops.

Work goes from the result to the operands: `value(kind)` chooses a way to make a `kind` and asks for
the operands of that way. Every way is well typed, so nothing is ever thrown away.
"""

import random
from collections.abc import Callable

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Region, SSAValue

from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    AddOp,
    AllOp,
    AndOp,
    AnyOp,
    CallOp,
    CastOp,
    CoalesceOp,
    CompareOp,
    ConcatOp,
    ConstantOp,
    ContainsOp,
    DataOp,
    DivOp,
    EnumType,
    FilterOp,
    FormatOp,
    GetOp,
    IndexOp,
    IsSomeOp,
    LenOp,
    ListOp,
    ListType,
    MapListOp,
    MapOp,
    MapType,
    MulOp,
    NegOp,
    NoneOp,
    NotOp,
    OptionType,
    OrOp,
    RecordOp,
    RecordType,
    RemOp,
    RequireOp,
    SelectOp,
    SetOp,
    SomeOp,
    SubOp,
    UnwrapOp,
    YieldOp,
    is_nullable,
    to_attribute,
)
from kumeo.dialects.settings import string_array
from kumeo.testing.generator.calls import calls_of
from kumeo.testing.generator.constants import random_constant
from kumeo.testing.generator.kinds import Kinds
from kumeo.testing.generator.scope import Scope, is_exact

DEPTH = 2
"""How many ops an expression has from top to bottom, unless the caller says otherwise."""

_TEMPLATES = (
    ("plain words", 0),
    ("Judge {{ a }}.", 1),
    ("Given {{ a }} and {{ b.c }}, decide.", 2),
    ("{% if a %}yes{% else %}no {{ a }}{% endif %}", 1),
    ("{{ a }}{{ a.missing }}", 1),
)
_HOLE_NAMES = tuple(string_array(("a", "b.c")[:count]) for count in range(3))

_AMOUNT = StringAttr("amount")

Way = Callable[["Values", Scope, Attribute, int], SSAValue]


class Values:
    """Makes values in a scope."""

    def __init__(self, rng: random.Random, kinds: Kinds) -> None:
        self.rng = rng
        self.kinds = kinds

    def value(self, scope: Scope, kind: Attribute, depth: int = DEPTH) -> SSAValue:
        """Return a value of a type that can be read at the end of `scope`."""
        found = scope.find(self.rng, kind)
        if found is not None and (depth <= 0 or self.rng.random() < 0.6):
            return found
        if depth <= 0 or self.rng.random() < 0.15:
            return self.constant(scope, kind)
        ways = _WAYS.get(kind) or _WAYS_BY_CLASS.get(type(kind), ())
        both = (*ways, *ways, *_GENERAL)
        return self.rng.choice(both)(self, scope, kind, depth - 1)

    def constant(self, scope: Scope, kind: Attribute) -> SSAValue:
        """Return a new constant."""
        value = to_attribute(random_constant(self.rng, kind), kind)
        return scope.made(ConstantOp, (), kind, value=value)

    def region(self, scope: Scope, item: Attribute, yielded: Attribute, depth: int) -> Region:
        """Return the region of an op over the items of a list."""
        inner = scope.inner(item)
        inner.end(YieldOp, [self.value(inner, yielded, min(depth, 2))])
        return Region(inner.block)


def _select(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    condition = make.value(scope, BOOL, depth)
    lhs, rhs = make.value(scope, kind, depth), make.value(scope, kind, depth)
    return scope.made(SelectOp, (condition, lhs, rhs), kind)


def _field(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    """Read a field of a record, of an optional record or of json."""
    if kind == JSON:
        return scope.made(GetOp, (make.value(scope, JSON, depth),), JSON, field=_AMOUNT)
    kinds = make.kinds
    found = [(r, n) for r in (*kinds.records, kinds.outer) for n, t in r.fields if t == kind]
    if isinstance(kind, OptionType):
        record = kinds.record
        found += [(OptionType(record), n) for n, t in record.fields if t in (kind, kind.inner)]
    if not found:
        return make.constant(scope, kind)
    record, name = make.rng.choice(found)
    if isinstance(record, RecordType) and make.rng.random() < 0.35:
        base = _record(make, scope, record, depth)
    else:
        base = make.value(scope, record, depth)
    return scope.made(GetOp, (base,), kind, field=StringAttr(name))


def _cast(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    source = make.rng.choice(_sources_of(make.kinds, kind))
    if source == kind:
        return make.value(scope, kind, depth)
    return scope.made(CastOp, (make.value(scope, source, depth),), kind)


def _sources_of(kinds: Kinds, kind: Attribute) -> list[Attribute]:
    """Return types that a cast turns into `kind`."""
    sources: list[Attribute] = []
    match kind:
        case EnumType():
            sources += [STR, kinds.wide if kind == kinds.small else kinds.small]
        case OptionType():
            sources += [kind.inner]
        case RecordType() if kind in (kinds.part, kinds.wider):
            sources += [kinds.record]
        case _:
            sources += _CAST_FROM.get(kind, [])
    if kind == JSON:
        return [kinds.record, kinds.small, kinds.list, INT, FLOAT, STR]
    # Most json is no value of the type, so this way is rare.
    return [*sources, *sources, *sources, JSON]


_CAST_FROM: dict[Attribute, list[Attribute]] = {
    FLOAT: [INT, INT],
    INT: [FLOAT, FLOAT],
    TIME: [STR],
    STR: [TIME, EnumType.of("low", "medium", "high", "urgent")],
    ListType(FLOAT): [ListType(INT)],
}


def _unwrap(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    if is_nullable(kind):
        return _select(make, scope, kind, depth)
    return scope.made(UnwrapOp, (make.value(scope, OptionType(kind), depth),), kind)


def _require(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    operands = (make.value(scope, BOOL, depth), make.value(scope, kind, depth))
    texts = {"code": StringAttr("not-allowed"), "message": StringAttr("a condition fails")}
    return scope.made(RequireOp, operands, kind, **texts)


def _coalesce(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    first = kind if is_nullable(kind) else OptionType(kind)
    value, default = make.value(scope, first, depth), make.value(scope, kind, depth)
    return scope.made(CoalesceOp, (value, default), kind)


def _index(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    if kind == JSON:
        position = make.rng.choice((INT, STR, JSON))
        base = make.value(scope, JSON, depth)
        return scope.made(IndexOp, (base, make.value(scope, position, 0)), JSON)
    base = make.value(scope, ListType(kind), depth)
    return scope.made(IndexOp, (base, make.value(scope, INT, 0)), kind)


def _call(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    calls = calls_of(kind, make.kinds.lists, (make.kinds.map,))
    if not calls:
        return _select(make, scope, kind, depth)
    name, parameters = make.rng.choice(calls)
    arguments = [make.value(scope, parameter, depth) for parameter in parameters]
    return scope.made(CallOp, arguments, kind, function=StringAttr(name))


def _compare(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    orders = make.rng.random() < 0.7
    operand = make.rng.choice((INT, FLOAT, FLOAT, STR, TIME, DURATION, make.kinds.small))
    predicate = make.rng.choice(("lt", "le", "gt", "ge", "eq"))
    if not orders:
        operand, predicate = make.kinds.any(), make.rng.choice(("eq", "ne"))
    lhs, rhs = make.value(scope, operand, depth), make.value(scope, operand, min(depth, 1))
    return scope.made(CompareOp, (lhs, rhs), BOOL, predicate=StringAttr(predicate))


def _logic(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    op = make.rng.choice((AndOp, OrOp))
    return scope.made(op, (make.value(scope, BOOL, depth), make.value(scope, BOOL, depth)), BOOL)


def _not(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    return scope.made(NotOp, (make.value(scope, BOOL, depth),), BOOL)


def _is_some(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    operand = make.rng.choice((*make.kinds.options, JSON))
    return scope.made(IsSomeOp, (make.value(scope, operand, depth),), BOOL)


def _contains(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    container = make.rng.choice((*make.kinds.lists, make.kinds.map, STR, JSON))
    item = container.item if isinstance(container, ListType) else STR
    base = make.value(scope, container, depth)
    return scope.made(ContainsOp, (base, make.value(scope, item, min(depth, 1))), BOOL)


def _every(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    items = make.rng.choice(make.kinds.lists)
    op = make.rng.choice((AllOp, AnyOp))
    base = make.value(scope, items, depth)
    return scope.add(op(base, make.region(scope, items.item, BOOL, depth))).result


_ARITHMETIC: dict[Attribute, tuple[type[DataOp], ...]] = {
    INT: (AddOp, SubOp, MulOp, RemOp),
    FLOAT: (AddOp, SubOp, MulOp, DivOp, RemOp),
    DURATION: (AddOp, SubOp),
}


def _arithmetic(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    op = make.rng.choice(_ARITHMETIC[kind])
    operands = (make.value(scope, kind, depth), make.value(scope, kind, depth))
    if op is RemOp and kind == FLOAT and not all(map(is_exact, operands)):
        op = DivOp
    return scope.made(op, operands, kind)


def _negate(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    return scope.made(NegOp, (make.value(scope, kind, depth),), kind)


def _length(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    operand = make.rng.choice((*make.kinds.lists, make.kinds.map, STR, JSON))
    return scope.made(LenOp, (make.value(scope, operand, depth),), INT)


def _scale(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    factor = make.value(scope, make.rng.choice((INT, FLOAT)), depth)
    return scope.made(MulOp, (make.value(scope, DURATION, depth), factor), kind)


def _ratio(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    lhs, rhs = make.value(scope, DURATION, depth), make.value(scope, DURATION, depth)
    return scope.made(DivOp, (lhs, rhs), FLOAT)


def _since(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    return scope.made(SubOp, (make.value(scope, TIME, depth), make.value(scope, TIME, depth)), kind)


def _shift(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    op = make.rng.choice((AddOp, SubOp))
    when, by = make.value(scope, TIME, depth), make.value(scope, DURATION, depth)
    return scope.made(op, (when, by), TIME)


def _concat(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    return scope.made(ConcatOp, (make.value(scope, kind, depth), make.value(scope, kind, 1)), kind)


def text(make: Values, scope: Scope, kind: Attribute = STR, depth: int = 1) -> SSAValue:
    """Return a text from a template, as prompts are."""
    template, holes = make.rng.choice(_TEMPLATES)
    operands = [scope.some(make.rng) or make.constant(scope, STR) for _ in range(holes)]
    names = _HOLE_NAMES[holes]
    return scope.made(FormatOp, operands, STR, template=StringAttr(template), holes=names)


def _some(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, OptionType)
    return scope.made(SomeOp, (make.value(scope, kind.inner, depth),), kind)


def _none(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    return scope.made(NoneOp, (), kind)


def _entry(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    """Look a key up in a map."""
    assert isinstance(kind, OptionType)
    base = make.value(scope, MapType(kind.inner), depth)
    return scope.made(IndexOp, (base, make.value(scope, STR, 0)), kind)


def _list(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, ListType)
    items = [make.value(scope, kind.item, depth) for _ in range(make.rng.randrange(4))]
    return scope.made(ListOp, items, kind)


def _map_list(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, ListType)
    items = make.rng.choice(make.kinds.lists)
    base = make.value(scope, items, depth)
    return scope.add(MapListOp(base, make.region(scope, items.item, kind.item, depth))).result


def _filter(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, ListType)
    base = make.value(scope, kind, depth)
    return scope.add(FilterOp(base, make.region(scope, kind.item, BOOL, depth))).result


def _make_map(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, MapType)
    keys = make.rng.sample(("a", "b", "amount"), make.rng.randrange(3))
    values = [make.value(scope, kind.value, depth) for _ in keys]
    return scope.add(MapOp(keys, values, kind.value)).result


def _record(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    assert isinstance(kind, RecordType)
    values = [make.value(scope, field, min(depth, 1)) for field in kind.types]
    return scope.made(RecordOp, values, kind)


def _set(make: Values, scope: Scope, kind: Attribute, depth: int) -> SSAValue:
    base = make.value(scope, kind, depth)
    name, field = "amount", kind
    if isinstance(kind, RecordType):
        name, field = make.rng.choice(kind.fields)
    return scope.made(SetOp, (base, make.value(scope, field, depth)), kind, field=StringAttr(name))


def anything(make: Values, scope: Scope, fields: int) -> SSAValue:
    """Return a record of values in scope, as messages are."""
    values = [scope.some(make.rng) or make.constant(scope, INT) for _ in range(fields)]
    kind = RecordType.of({f"f{i}": value.type for i, value in enumerate(values)})
    return scope.made(RecordOp, values, kind)


_GENERAL: tuple[Way, ...] = (
    *(_select, _field, _cast, _unwrap, _require, _coalesce),
    *(_index, _call, _call),
)
_WAYS: dict[Attribute, tuple[Way, ...]] = {
    BOOL: (_compare, _compare, _logic, _logic, _logic, _not, _is_some, _contains, _every),
    INT: (_arithmetic, _arithmetic, _negate, _length),
    FLOAT: (_arithmetic, _arithmetic, _negate, _ratio),
    STR: (_concat, text),
    TIME: (_shift,),
    DURATION: (_arithmetic, _scale, _since, _negate),
    JSON: (_set, _cast),
    BYTES: (_select,),
}
_WAYS_BY_CLASS: dict[type[Attribute], tuple[Way, ...]] = {
    OptionType: (_some, _some, _none, _entry),
    ListType: (_list, _map_list, _filter, _concat),
    MapType: (_make_map,),
    RecordType: (_record, _set),
    EnumType: (_cast,),
}
