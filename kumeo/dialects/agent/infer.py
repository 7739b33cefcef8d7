"""`agent.infer`: the numeric work of one or several agents as a program on tensors."""

from collections.abc import Sequence
from typing import ClassVar, Unpack

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.irdl import irdl_op_definition, prop_def, region_def, var_operand_def

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import AgentOp, Shared, Value, names_attr, require
from kumeo.dialects.data.types import RecordType
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.infer import InferOpBase, YieldOp
from kumeo.dialects.infer.encoding import carries, operand_tensor

BATCH_MAX = "kumeo.batch_max"
"""Attribute of a program whose rows need much memory: the most rows of a batch, an i64."""


@irdl_op_definition
class InferOp(AgentOp):
    """Runs its region on a batch of events; row i of the results follows from row i alone.

    %n = agent.infer (night = %s) do (%x: tensor<?xi64>) {
      %p, %ok = infer.bayes @risk (%x) names ["Night"] query "Fraud" states 2 : i64 : …
      infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
    } id "infer.risk" site "infer.risk" : (i1) -> !data.record<{fraud: …, possible: i1}>

    The result is a record of numbers, one field for each tensor of `infer.yield`. The program never
    fails: a row without an answer is shown by an i1. Results become the answers of agents in the
    `agent.process` ops that stand after it. See `kumeo.dialects.infer.encoding` for the border.
    """

    name = "agent.infer"

    names = prop_def(ArrayAttr[StringAttr])
    inputs = var_operand_def()
    body = region_def("single_block")

    NAMES: ClassVar[str | None] = "names"
    BODY: ClassVar[bool] = True
    TERMINATOR: ClassVar[str] = "infer.yield"
    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=50)
    BATCH_MAX: ClassVar[int] = 256
    FACTS: ClassVar[Facts] = PURE
    IS_CALL: ClassVar[bool] = False
    """It works for agents that count as calls themselves."""

    def is_isolated(self, region: Region) -> bool:
        """The body reads its arguments alone."""
        return region is self.body

    def __init__(
        self,
        agent_id: str,
        site: str,
        inputs: Sequence[Value],
        names: Sequence[str],
        result_type: Attribute,
        region: Region | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        if region is None:
            types = [operand_tensor(SSAValue.get(value).type) for value in inputs]
            region = Region(Block(arg_types=[kind for kind in types if kind is not None]))
        properties: dict[str, Attribute | None] = {"names": names_attr(names)}
        self.fill(agent_id, site, [list(inputs)], properties, result_type, shared, region)

    @property
    def record(self) -> RecordType:
        """The type of the result."""
        kind = self.result.type
        assert isinstance(kind, RecordType), "the verifier checks the result"
        return kind

    @property
    def outputs(self) -> YieldOp:
        """The op that ends the region."""
        last = self.body.block.last_op
        assert isinstance(last, YieldOp), "the verifier checks the end of the region"
        return last

    def verify_agent(self) -> None:
        """Check that operands and results are carried by the tensors of the region."""
        require(self.fallback is None, "takes no fallback: it does not fail")
        for value in self.inputs:
            fits = operand_tensor(value.type) is not None
            require(fits, f"{value.type} has no form as a tensor")
        wanted = tuple(operand_tensor(value.type) for value in self.inputs)
        given = tuple(self.body.block.arg_types)
        require(wanted == given, "the arguments of the region do not carry the operands")
        last = self.body.block.last_op
        require(isinstance(last, YieldOp), "the region ends with `infer.yield`")
        for inner in self.body.block.ops:
            known = isinstance(inner, InferOpBase)
            require(known, f"the region holds ops on tensors alone, not `{inner.name}`")
        kind = self.result.type
        require(isinstance(kind, RecordType), "the result is a record")
        self._verify_fields(self.record, self.outputs)

    def _verify_fields(self, kind: RecordType, outputs: YieldOp) -> None:
        tensors = outputs.inputs.types
        require(len(tensors) == len(kind.fields), "yields one tensor for each field of the result")
        for tensor, (name, field) in zip(tensors, kind.fields, strict=True):
            require(carries(tensor, field), f"{tensor} does not carry `{name}`, which is {field}")
