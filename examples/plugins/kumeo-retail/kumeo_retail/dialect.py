"""The dialect `retail`: an operation on prices, and two kinds of agents.

    %net = retail.discount %price percent 20.0 : f64
    %have = retail.stock "berlin" (item = %item) id "have" site "have" : (!data.str) -> f64
    %more = retail.reorder (on_hand = %have, sold = %sold) weeks 2.0 : f64
      id "more" site "more" : (f64, f64) -> f64

`use-retail` makes them from calls of a shop's own functions, `lower-retail` turns those that
compute into `data`. They stand at the level `workflow`.
"""

from typing import ClassVar, Unpack

from xdsl.dialects.builtin import FloatAttr, StringAttr, f64
from xdsl.ir import Dialect, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.agent import AgentOp, Cost
from kumeo.dialects.agent.base import Shared, Value, require
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data import FLOAT, STR
from kumeo.dialects.facts import PURE, READ, Facts


@irdl_op_definition
class DiscountOp(KumeoOp):
    """A price less some percent.

    %net = retail.discount %price percent 20.0 : f64
    """

    name = "retail.discount"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)
    FACTS: ClassVar[Facts] = PURE

    price = operand_def(FLOAT)
    percent = prop_def(FloatAttr)
    result = result_def(FLOAT)

    assembly_format = "$price `percent` $percent attr-dict"

    def __init__(self, price: SSAValue, percent: float) -> None:
        properties = {"percent": FloatAttr(percent, f64)}
        super().__init__(operands=[price], properties=properties, result_types=[FLOAT])

    @property
    def factor(self) -> float:
        """What is left of one unit of money."""
        return 1 - self.percent.value.data / 100

    def verify_(self) -> None:
        """Check that something is taken away, and not more than all."""
        if not 0 <= self.percent.value.data <= 100:
            raise VerifyException("a discount is 0 to 100 percent")


@irdl_op_definition
class StockOp(AgentOp):
    """Asks a warehouse how many pieces of an item it has.

    %have = retail.stock "berlin" (item = %item) id "have" site "have" : (!data.str) -> f64

    It reads the outside world, so it has no meaning of its own here: mocks and stubs answer.
    """

    name = "retail.stock"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    warehouse = prop_def(StringAttr)
    item = operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("warehouse", "text"),)
    OPERANDS: ClassVar[tuple[str, ...]] = ("item",)
    COST: ClassVar[Cost] = Cost(latency_us=40_000)
    FACTS: ClassVar[Facts] = READ

    def __init__(
        self, agent_id: str, site: str, warehouse: str, item: Value, **shared: Unpack[Shared]
    ) -> None:
        self.fill(agent_id, site, [item], {"warehouse": StringAttr(warehouse)}, FLOAT, shared)

    def verify_agent(self) -> None:
        """Check the warehouse and the result."""
        require(bool(self.warehouse.data), 'names no warehouse: write for instance "berlin"')
        require(self.result.type == FLOAT, f"gives f64, not {self.result.type}")


@irdl_op_definition
class ReorderOp(AgentOp):
    """Computes how many pieces to order, so that the stock lasts for some weeks.

    %more = retail.reorder (on_hand = %have, sold = %sold) weeks 2.0 : f64
      id "more" site "more" : (f64, f64) -> f64
    """

    name = "retail.reorder"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    weeks = prop_def(FloatAttr)
    on_hand = operand_def(FLOAT)
    sold = operand_def(FLOAT)

    OPERANDS: ClassVar[tuple[str, ...]] = ("on_hand", "sold")
    CLAUSES: ClassVar[tuple[str, ...]] = ("weeks",)
    FACTS: ClassVar[Facts] = PURE

    def __init__(
        self,
        agent_id: str,
        site: str,
        on_hand: Value,
        sold: Value,
        weeks: float,
        **shared: Unpack[Shared],
    ) -> None:
        operands = [on_hand, sold]
        self.fill(agent_id, site, operands, {"weeks": FloatAttr(weeks, f64)}, FLOAT, shared)

    def verify_agent(self) -> None:
        """Check the time and the result."""
        require(self.weeks.value.data > 0, "`weeks` has to be positive")
        require(self.result.type == FLOAT, f"gives f64, not {self.result.type}")


RETAIL = Dialect("retail", [DiscountOp, StockOp, ReorderOp], [])
