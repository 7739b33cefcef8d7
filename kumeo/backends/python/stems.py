"""What the locals of printed functions are called."""

from collections.abc import Mapping

from xdsl.ir import Block, SSAValue

from kumeo.backends.python.names import snake
from kumeo.backends.python.uses import Uses
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp


def stem_of(value: SSAValue, uses: Uses) -> str:
    """Return the name of a local for a value: what the source calls it, or what it is."""
    owner = value.owner
    narrow = uses.narrow.get(value)
    if narrow is not None:
        whole = "" if value.name_hint is None or isinstance(owner, AgentOp) else value.name_hint
        return snake(f"{whole} {narrow.field}")
    if value.name_hint is not None:
        return snake(value.name_hint)
    if isinstance(owner, AgentOp):
        return snake(owner.agent_id)
    if isinstance(owner, data.GetOp):
        return snake(owner.field.data)
    if isinstance(owner, data.CallOp):
        return snake(owner.function.data)
    if isinstance(owner, Block):
        return "item"
    part = _part_of(value)
    if part is not None:
        return snake(part)
    return _STEMS.get(owner.name, owner.name.rpartition(".")[2])


def _part_of(value: SSAValue) -> str | None:
    """Return the field of a record that a value becomes, as a name for it."""
    for use in value.uses:
        made = use.operation
        if isinstance(made, data.RecordOp):
            return made.names[use.index]
    return None


_STEMS: Mapping[str, str] = {
    "data.compare": "test",
    "data.add": "sum",
    "data.sub": "difference",
    "data.mul": "product",
    "data.div": "ratio",
    "data.rem": "remainder",
    "data.neg": "negative",
    "data.format": "text",
    "data.list": "items",
    "data.make_map": "entries",
    "data.map": "mapped",
    "data.filter": "kept",
    "data.all": "all_hold",
    "data.any": "any_holds",
    "data.select": "chosen",
    "data.coalesce": "value",
    "data.cast": "value",
    "data.constant": "value",
    "data.index": "item",
    "data.and": "test",
    "data.or": "test",
    "data.not": "test",
    "data.concat": "joined",
    "data.len": "length",
    "data.contains": "holds",
    "data.is_some": "is_known",
    "data.unwrap": "value",
    "agent.failure_of": "failure",
    "agent.watch": "first",
}
