"""`use-retail`: ask the warehouse by an agent of `retail` where a function of the shop did it.

    agent.extern @stock python("shop.stock:berlin") effects "read" : (!data.str) -> f64
    %n = agent.call @stock (%item) effects "read" id "n" site "n" : (!data.str) -> f64

becomes

    %n = retail.stock "berlin" (item = %item) id "n" site "n" : (!data.str) -> f64

Passes then know what the answer costs. It is for functions of the module `shop.stock`, or another
one that `module` names; the name of the function is that of the warehouse.

Sound because the agent has the facts of the call (it reads), its operand, policy, fallback, id and
site: the same calls are made, and the same failures come. A function that acts, or that computes,
is another thing and stays.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import Region
from xdsl.rewriter import Rewriter

from kumeo.dialects.agent import CallOp, ExternOp
from kumeo.dialects.base import at
from kumeo.dialects.data import FLOAT, STR
from kumeo.passes.base import KumeoPass
from kumeo_retail.dialect import StockOp

_SIGNATURE = FunctionType.from_lists([STR], [FLOAT])


@dataclass(frozen=True)
class UseRetailPass(KumeoPass):
    """Ask warehouses by `retail.stock` where functions of the shop did it."""

    name = "use-retail"

    module: str = "shop.stock"
    """The Python module whose functions ask warehouses."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace the calls of the functions that fit."""
        externs = {e.symbol: e for e in op.walk() if isinstance(e, ExternOp)}
        for call in [call for call in op.walk() if isinstance(call, CallOp)]:
            problem = self._problem(externs[call.callee_name])
            if problem is not None:
                self.remark(call, f"agent `{call.agent_id}` stays: {problem}")
                continue
            self._replace(call, externs[call.callee_name])

    def _problem(self, extern: ExternOp) -> str | None:
        """Return why a function is not one that asks a warehouse, or None."""
        if extern.function.data.partition(":")[0] != self.module:
            return f"its function is not in `{self.module}`"
        if extern.effects.data != "read":
            return f'its effects are "{extern.effects.data}", not "read"'
        if extern.function_type != _SIGNATURE:
            return f"its function is not {_SIGNATURE}"
        return None

    def _replace(self, call: CallOp, extern: ExternOp) -> None:
        stock = StockOp(
            call.agent_id,
            call.site,
            extern.function.data.partition(":")[2],
            call.inputs[0],
            policy=call.policy,
            cost=call.cost,
            fallback=take_region(call.fallback),
        )
        Rewriter.replace_op(call, at(stock, call.location))
        self.remark(stock, f"agent `{stock.agent_id}` asks the warehouse")
        self.count("calls replaced")


def take_region(region: Region | None) -> Region | None:
    """Return a region with the blocks of another one, which is left empty."""
    if region is None:
        return None
    taken = Region()
    region.move_blocks(taken)
    return taken
