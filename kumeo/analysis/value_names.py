"""How an author would write a value: `source.lines`, `judge.level`, `config.limit`."""

from xdsl.ir import Block, OpResult, SSAValue

from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import IfOp, ReadConfigOp

DEPTH_MAX = 16


def name_of(value: SSAValue) -> str:
    """Return the path of a value, or what it is when it has none."""
    fields: list[str] = []
    for _ in range(DEPTH_MAX):
        owner = value.owner
        if isinstance(owner, data.GetOp):
            fields.append(owner.field.data)
        elif not isinstance(owner, data.UnwrapOp | data.SomeOp | data.CastOp | data.CoalesceOp):
            break
        value = owner.operands[0]
    return ".".join([_root(value), *reversed(fields)])


def _root(value: SSAValue) -> str:
    owner = value.owner
    if isinstance(owner, Block):
        return value.name_hint or "source"
    if isinstance(owner, AgentOp):
        return owner.agent_id
    if isinstance(owner, ReadConfigOp):
        return f"config.{owner.config_name}"
    if isinstance(value, OpResult) and isinstance(owner, IfOp):
        return value.name_hint or "this value"
    return value.name_hint or "this value"
