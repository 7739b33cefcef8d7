"""Text of a value as an author would write it: `risk.yes > config.alert_at or amount > 100.0`.

The IR holds no source text, and after a pass there may be none, so the text is made from the ops.
"""

from collections.abc import Sequence

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, StringAttr, UnitAttr, i1
from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.dialects import agent, data, workflow

_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ATOM = 10
_BINARY: dict[type[Operation], tuple[str, int]] = {
    data.OrOp: ("or", 1),
    data.AndOp: ("and", 2),
    data.CoalesceOp: ("??", 5),
    data.AddOp: ("+", 6),
    data.SubOp: ("-", 6),
    data.ConcatOp: ("+", 6),
    data.MulOp: ("*", 7),
    data.DivOp: ("/", 7),
    data.RemOp: ("%", 7),
}
_LEVEL_NOT, _LEVEL_COMPARE = 3, 4
_SECONDS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def expression_text(value: SSAValue) -> str:
    """Return an expression for a value; agents and config values are named, not expanded."""
    return _write(value, 0)


def duration_text(microseconds: int) -> str:
    """Return a duration as a literal of the language: `20s`, `24h`, `250ms`."""
    if microseconds % 1_000_000:
        return f"{microseconds / 1000:g}ms"
    seconds = microseconds // 1_000_000
    for size, unit in _SECONDS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return "0s"


def _write(value: SSAValue, level: int) -> str:
    """Return the text of a value; in parentheses when it binds looser than `level`."""
    owner = value.owner
    if isinstance(owner, Block):
        return _argument(value, owner)
    text, own = _operation(owner, value)
    return f"({text})" if own < level else text


def _argument(value: SSAValue, block: Block) -> str:
    if isinstance(block.parent_op(), workflow.OnOp):
        return "source"
    return value.name_hint or "item"


def _operation(op: Operation, value: SSAValue) -> tuple[str, int]:
    if type(op) in _BINARY:
        word, level = _BINARY[type(op)]
        left, right = op.operands
        return f"{_write(left, level)} {word} {_write(right, level + 1)}", level
    match op:
        case data.CompareOp():
            word = _COMPARISONS[op.predicate.data]
            left, right = (_write(side, _LEVEL_COMPARE + 1) for side in (op.lhs, op.rhs))
            return f"{left} {word} {right}", _LEVEL_COMPARE
        case data.ContainsOp():
            inner = _write(op.container, _LEVEL_COMPARE + 1)
            return f"{_write(op.item, _LEVEL_COMPARE + 1)} in {inner}", _LEVEL_COMPARE
        case data.IsSomeOp():
            return f"{_write(op.value, _LEVEL_COMPARE + 1)} != null", _LEVEL_COMPARE
        case data.NotOp():
            return _negation(op)
        case data.NegOp():
            return f"-{_write(op.value, _ATOM)}", 8
        case data.SomeOp() | data.UnwrapOp() | data.CastOp():
            # What the compiler put in to make types fit is not shown.
            return _write(op.operands[0], 0), _binding(op.operands[0])
        case data.RequireOp():
            return _write(op.value, 0), _binding(op.value)
        case _:
            return _atom(op, value), _ATOM


def _negation(op: "data.NotOp") -> tuple[str, int]:
    inner = op.value.owner
    if isinstance(inner, data.IsSomeOp):
        return f"{_write(inner.value, _LEVEL_COMPARE + 1)} == null", _LEVEL_COMPARE
    return f"not {_write(op.value, _LEVEL_NOT)}", _LEVEL_NOT


def _binding(value: SSAValue) -> int:
    owner = value.owner
    return _ATOM if isinstance(owner, Block) else _operation(owner, value)[1]


def _atom(op: Operation, value: SSAValue) -> str:
    """Return the text of an op that never needs parentheses."""
    match op:
        case data.ConstantOp():
            return constant_text(op.value, op.result.type)
        case data.GetOp():
            return f"{_write(op.base, _ATOM)}.{op.field.data}"
        case data.IndexOp():
            return f"{_write(op.base, _ATOM)}[{_write(op.index, 0)}]"
        case data.LenOp():
            return f"len({_write(op.value, 0)})"
        case data.CallOp():
            return f"{op.function.data}({_listed(op.arguments)})"
        case data.ListOp():
            return f"[{_listed(op.values)}]"
        case data.AllOp() | data.AnyOp():
            return f"{op.name.removeprefix('data.')}(… in {_write(op.operands[0], 0)})"
        case _:
            return _name(op, value)


def _name(op: Operation, value: SSAValue) -> str:
    """Return the name by which an author knows a value."""
    match op:
        case agent.AgentOp():
            return op.agent_id
        case workflow.ReadConfigOp():
            return f"config.{op.config_name}"
        case workflow.NowOp():
            return "now()"
        case data.NoneOp():
            return "null"
        case workflow.ControlOp():
            return value.name_hint or _yielded(op, value)
        case _:
            return value.name_hint or "…"


def _listed(values: Sequence[SSAValue]) -> str:
    return ", ".join(_write(value, 0) for value in values)


def _yielded(op: Operation, value: SSAValue) -> str:
    """Return the name of what a region gives for a result, if a region names it."""
    index = next(i for i, result in enumerate(op.results) if result is value)
    for region in op.regions:
        last = region.blocks.last.last_op if region.blocks.last else None
        if isinstance(last, workflow.YieldOp) and index < len(last.arguments):
            text = _write(last.arguments[index], _ATOM)
            if text not in ("null", "…"):
                return text
    return "…"


def constant_text(value: Attribute, kind: Attribute) -> str:
    """Return a constant as the language writes it."""
    match value:
        case StringAttr(data=text):
            return text if isinstance(kind, data.EnumType) else f'"{text}"'
        case IntegerAttr(value=number):
            if kind == i1:
                return "true" if number.data else "false"
            if isinstance(kind, data.DurationType):
                return duration_text(number.data)
            return str(number.data)
        case FloatAttr(value=number):
            return repr(number.data)
        case UnitAttr():
            return "null"
        case _:
            return "{…}"
