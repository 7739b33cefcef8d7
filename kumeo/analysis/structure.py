"""The shape of the IR: where ops stand, how regions end, and what each op's own verifier says."""

from collections.abc import Callable, Iterator

from xdsl.dialects.builtin import ModuleOp, UnregisteredOp
from xdsl.ir import Operation
from xdsl.ir.core import ErasedSSAValue
from xdsl.traits import IsTerminator, NoTerminator
from xdsl.utils.exceptions import VerifyException

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import (
    AgentOp,
    ExternOp,
    FailureOfOp,
    ObserveOp,
    ProcessOp,
    StageOp,
    WatchOp,
)
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.messaging import EdgeOp, ServiceOp, ServicePart, StreamOp
from kumeo.dialects.workflow import (
    CallOp,
    ControlOp,
    Declaration,
    EmitOp,
    NowOp,
    OnOp,
    ReadConfigOp,
    SubworkflowOp,
    WorkflowOp,
)

_BODY_OPS = (
    AgentOp,
    ControlOp,
    EmitOp,
    CallOp,
    ReadConfigOp,
    NowOp,
    WatchOp,
    ObserveOp,
    FailureOfOp,
)
_REPORTED_ELSEWHERE = ("Redefinition of symbol", "Operation using value defined out of its")
"""Complaints of xDSL's traits that the index of symbols and the check of dominance report, with
both places."""

_CRASHED = "cannot be verified"

_TOP_LEVEL = (WorkflowOp, SubworkflowOp, ExternOp)
_IN_WORKFLOW = (OnOp, StageOp, EdgeOp, StreamOp, ServiceOp)
_WORKFLOW_PARTS = (Declaration, OnOp, StreamOp, ServiceOp)


def find_malformed_ops(module: ModuleOp) -> dict[Operation, Diagnostic]:
    """Return a diagnostic for each op that has a fault: the first of its faults."""
    found: dict[Operation, Diagnostic] = {}
    for op in walk_ops(module):
        message = next(_faults(op), None)
        if message is not None and message.startswith(_CRASHED) and op.parent_op() in found:
            # It trusted an op around it that is malformed itself.
            continue
        if message is not None:
            name = op.op_name.data if isinstance(op, UnregisteredOp) else op.name
            found[op] = IrInvalid(point_of(op), name, message)
    return found


def _faults(op: Operation) -> Iterator[str]:
    yield from _operand_faults(op)
    yield from _block_faults(op)
    yield from _terminator_faults(op)
    yield from _placement_faults(op)
    message = complaint_of(op.verify_)
    if message is not None and not message.startswith(_REPORTED_ELSEWHERE):
        yield message


def complaint_of(check: Callable[[], None]) -> str | None:
    """Return what a verifier complains about, in one line, or None.

    Verifiers of other packages may raise anything; here it becomes a message about the op.
    """
    try:
        check()
    except VerifyException as fault:
        return " ".join(str(fault).split())
    except Exception as fault:
        return f"{_CRASHED}: {type(fault).__name__}: {' '.join(str(fault).split())}"
    return None


def _operand_faults(op: Operation) -> Iterator[str]:
    for value in op.operands:
        if isinstance(value, ErasedSSAValue):
            yield "reads a value whose op was erased"


def _block_faults(op: Operation) -> Iterator[str]:
    """Each block of a region that needs a terminator ends in the one that the op expects."""
    if not op.regions or op.has_trait(NoTerminator):
        return
    expected: str | None = getattr(type(op), "TERMINATOR", None)
    for block in (block for region in op.regions for block in region.blocks):
        last = block.last_op
        if last is None:
            wanted = f"`{expected}`" if expected else "a terminator"
            yield f"has an empty region: end it with {wanted}"
        elif not last.has_trait(IsTerminator, value_if_unregistered=True):
            wanted = f"`{expected}`" if expected else "a terminator"
            yield f"has a region that ends in `{last.name}`: end it with {wanted}"
        elif expected is not None and last.name != expected:
            yield f"has a region that ends in `{last.name}`: end it with `{expected}`"


def _terminator_faults(op: Operation) -> Iterator[str]:
    if op.next_op is not None and op.has_trait(IsTerminator, value_if_unregistered=False):
        yield "is not the last op of its block: remove what follows"
    if op.successors and op.next_op is not None:
        yield "branches but is not the last op of its block"


def _placement_faults(op: Operation) -> Iterator[str]:
    parent = op.parent_op()
    if parent is None:
        return
    if isinstance(parent, WorkflowOp) and not isinstance(op, _WORKFLOW_PARTS):
        yield "stands in a workflow, which holds declarations and `workflow.on`: move it into one"
    if isinstance(op, ModuleOp) and isinstance(parent, KumeoOp):
        yield f"stands in `{parent.name}`: move it to the top of the file"
    if isinstance(op, _IN_WORKFLOW) and not isinstance(parent, WorkflowOp):
        yield f"stands in `{parent.name}`: move it into a `workflow.workflow`"
    elif isinstance(op, Declaration) and not isinstance(op, ServicePart):
        yield from _declaration_faults(op, parent)
    elif isinstance(op, _BODY_OPS) and isinstance(parent, ModuleOp):
        yield "stands outside of a body: move it into a `workflow.on` or a subworkflow"
    elif isinstance(op, _BODY_OPS) and parent.dialect_name() == "data":
        yield f"stands in `{parent.name}`, which holds only `data` ops: move it out"
    if isinstance(parent, ProcessOp) and op.parent_region() is parent.body:
        yield from _process_faults(op)


def _declaration_faults(op: Declaration, parent: Operation) -> Iterator[str]:
    if isinstance(op, _TOP_LEVEL):
        if not isinstance(parent, ModuleOp):
            yield f"stands in `{parent.name}`: move it to the top of the module"
    elif not isinstance(parent, ModuleOp | WorkflowOp):
        yield f"stands in `{parent.name}`: move it into the workflow or to the top of the module"


def _process_faults(op: Operation) -> Iterator[str]:
    is_end = op.has_trait(IsTerminator, value_if_unregistered=False)
    if op.dialect_name() != "data" and not is_end:
        yield "stands in the region of an `agent.process`, which holds only `data` ops: move it out"
