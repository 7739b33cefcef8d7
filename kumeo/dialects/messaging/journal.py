"""The journal: recorded answers of agents that are not deterministic."""

from typing import ClassVar

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Region
from xdsl.irdl import irdl_op_definition, prop_def, region_def, result_def, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import RecursiveMemoryEffect

from kumeo.dialects.agent.base import AgentOp, require
from kumeo.dialects.agent.functions import YieldOp
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.syntax import parse_extras, print_body, print_extras
from kumeo.dialects.text import parse_text


@irdl_op_definition
class JournalOp(KumeoOp):
    """The recorded answer of an agent that is not deterministic.

    %r = messaging.journal "assess" {
      %a = agent.llm … id "assess" site "assess" … agent.yield %a : !t
    } : !t

    The key is the activation, the site and the iterations around. What is recorded is the outcome
    of the agent's own work, value or failure. Its fallback is no part of the record: it runs again
    when the record is a failure. An agent that is cancelled by its input leaves no record.
    """

    name = "messaging.journal"

    site_attr = prop_def(StringAttr, prop_name="key")
    result = result_def()
    body = region_def("single_block")

    TERMINATOR: ClassVar[str] = "agent.yield"
    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(RecursiveMemoryEffect())

    def __init__(self, site: str, result_type: Attribute, body: Region) -> None:
        super().__init__(
            result_types=[result_type], properties={"key": StringAttr(site)}, regions=[body]
        )

    @property
    def key(self) -> str:
        """The site of the agent, which is the key of the record besides activation and path."""
        return self.site_attr.data

    @property
    def agent(self) -> AgentOp | None:
        """The agent whose answer is recorded."""
        first = self.body.block.first_op
        return first if isinstance(first, AgentOp) else None

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the region: it runs at most once."""
        return (self.body,)

    def verify_(self) -> None:
        """Check that it holds one agent and gives its answer under its site."""
        agent, last = self.agent, self.body.block.last_op
        is_whole = agent is not None and agent.next_op is last and isinstance(last, YieldOp)
        require(is_whole, "holds exactly one agent and an agent.yield")
        assert agent is not None, "it is whole"
        assert last is not None, "it is whole"
        require(tuple(last.operands) == (agent.result,), "yields something else than the answer")
        has = f"gives {self.result.type}, but the agent {agent.result.type}"
        require(agent.result.type == self.result.type, has)
        require(agent.site == self.key, f'has the key "{self.key}", not the site of the agent')

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_string_literal(self.key)
        print_extras(printer, self)
        print_body(printer, self.body)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)

    @classmethod
    def parse(cls, parser: Parser) -> "JournalOp":
        """Parse the custom form."""
        key = parse_text(parser)
        extras = parse_extras(parser)
        region = parser.parse_region()
        parser.parse_punctuation(":")
        op = cls(key, parser.parse_type(), region)
        op.attributes |= extras
        return op
