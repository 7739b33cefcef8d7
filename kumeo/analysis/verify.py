"""The verifier: everything that the design calls illegal, as diagnostics.

    diagnostics = verify_module(module)

xDSL's own `verify` stops at the first fault, prints the whole module with it, and checks neither
dominance nor nesting. This one walks without recursion, finds every fault and names its place.
The time is linear in the number of ops.
"""

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.dominance import find_invisible_values
from kumeo.analysis.levels import find_misplaced_ops
from kumeo.analysis.messaging import find_messaging_faults
from kumeo.analysis.names import find_repeated_names
from kumeo.analysis.places import point_of
from kumeo.analysis.stages import find_stage_faults
from kumeo.analysis.structure import find_malformed_ops
from kumeo.analysis.symbols import SymbolIndex, find_symbol_faults
from kumeo.analysis.walk import MAX_NESTING, Step, walk_events
from kumeo.diagnostics import Diagnostic, in_order
from kumeo.frontend.errors.syntax import NestingTooDeep


def verify_module(module: ModuleOp) -> list[Diagnostic]:
    """Return all faults of the module, sorted by place; none if it is valid."""
    deep = _find_deep_op(module)
    if deep is not None:
        return [NestingTooDeep(point_of(deep), MAX_NESTING, MAX_NESTING + 1)]
    found = find_misplaced_ops(module)
    malformed = find_malformed_ops(module)
    found += malformed.values()
    if not found:
        found += find_repeated_names(module)
    found += find_invisible_values(module)
    found += find_symbol_faults(module, SymbolIndex(module), malformed)
    if not found:
        found += find_stage_faults(module)
        found += find_messaging_faults(module)
    return in_order(found)


def _find_deep_op(module: ModuleOp) -> Operation | None:
    depth = 0
    for step, op, _ in walk_events(module):
        if step is Step.OP and depth > MAX_NESTING:
            return op
        if step is Step.ENTER:
            depth += 1
        elif step is Step.LEAVE:
            depth -= 1
    return None
