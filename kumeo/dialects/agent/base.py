"""The agent interface: one base class with facts, policy, cost, languages, fallback and assembly.

A new kind of agent is one subclass. It names its operands and properties, and says in four tables
how they are written; printing, parsing and the common checks are done here:

    agent.KIND HEAD (name = %value, …) clause value … id "a" site "a"
        policy<…> cost<…> language "rust" fallback { … } : (types) -> type
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypedDict

from xdsl.dialects.builtin import StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.irdl import opt_prop_def, opt_region_def, prop_def, result_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.agent.assembly import parse_agent, print_agent
from kumeo.dialects.agent.attrs import Cost, CostAttr, PolicyAttr
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import is_data_type
from kumeo.dialects.settings import string_array, strings_of
from kumeo.dialects.symbols import SymbolUser

LANGUAGES = ("python", "rust")


class Shared(TypedDict, total=False):
    """Keyword arguments that every agent takes besides those of its own work."""

    policy: PolicyAttr | None
    cost: CostAttr | None
    language: str | None
    fallback: Region | None


class AgentOp(SymbolUser):
    """Base of all agents: work on a value that may take long, cost money or fail.

    The result is a failure value when the work failed `policy.attempts` times and the fallback
    gives no value either. A fallback region gives a value (`agent.yield %v`) or handles the event
    itself, for instance by emitting (`agent.yield` without value).
    """

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Properties before the operands, as (name, form): form is `symbol`, `word` or `text`."""
    OPERANDS: ClassVar[tuple[str, ...]] = ()
    """Names under which the first operands are written; the last may be missing if optional."""
    NAMES: ClassVar[str | None] = None
    """Property that holds the names of the other operands."""
    CLAUSES: ClassVar[tuple[str, ...]] = ()
    """Properties that are written as `name attribute`."""
    BODY: ClassVar[bool] = False
    """Whether a region `do (%x: T) {…}` follows the operands."""

    JUDGES: ClassVar[bool] = False
    """Whether people rely on this kind to judge or to check something: an unread one is suspect."""

    TERMINATOR: ClassVar[str] = "agent.yield"
    COST: ClassVar[Cost] = Cost()
    """The estimate for this kind, used when the op has none of its own."""
    LANGUAGES: ClassVar[tuple[str, ...]] = LANGUAGES
    """Languages in which this kind of agent can run, preferred first."""
    PARKS: ClassVar[bool] = False
    """Whether the activation waits, without a process, for an answer that may take days."""
    BATCH_MAX: ClassVar[int] = 1
    """How many inputs this kind can work on at once."""

    id_attr = prop_def(StringAttr, prop_name="id")
    site_attr = prop_def(StringAttr, prop_name="site")
    policy = opt_prop_def(PolicyAttr)
    cost = opt_prop_def(CostAttr)
    language = opt_prop_def(StringAttr)
    result = result_def()
    fallback = opt_region_def("single_block")

    @property
    def agent_id(self) -> str:
        """The name that the author gave to the agent."""
        return self.id_attr.data

    @property
    def site(self) -> str:
        """The stable name of this place in ids of messages and calls."""
        return self.site_attr.data

    def cost_estimate(self) -> Cost:
        """Return what one run is expected to take."""
        return self.COST if self.cost is None else self.cost.cost

    def languages(self) -> tuple[str, ...]:
        """Return the languages in which this agent can run, preferred first."""
        return self.LANGUAGES if self.language is None else (self.language.data,)

    def work_operands(self) -> tuple[SSAValue, ...]:
        """Return the values that the work reads; a failure among them cancels it."""
        return tuple(self.operands)

    def operand_names(self) -> tuple[str, ...]:
        """Return the name of each operand; empty if this kind does not name them."""
        fixed = self.OPERANDS[: len(self.operands)]
        return fixed if self.NAMES is None else fixed + strings_of(self.properties.get(self.NAMES))

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the fallback, which runs when all attempts have failed."""
        return () if self.fallback is None or not self.fallback.blocks else (self.fallback,)

    def verify_(self) -> None:
        """Check what all agents have in common, then what is special to this kind."""
        for value in (*self.operands, self.result):
            # The text of a type takes longer than all checks of an op: made only when needed.
            if not is_data_type(value.type):
                raise VerifyException(f"{value.type} is no data type")
        for part in (self.policy, self.cost):
            fault = None if part is None else part.fault()
            require(fault is None, fault or "")
        if self.language is not None and self.language.data not in self.LANGUAGES:
            known = ", ".join(self.LANGUAGES)
            raise VerifyException(f"cannot run in `{self.language.data}`: write one of {known}")
        if self.fallback is not None and self.fallback.blocks and self.fallback.block.args:
            raise VerifyException("the fallback takes no arguments")
        if self.NAMES is not None:
            self._verify_names()
        self.verify_agent()

    def _verify_names(self) -> None:
        names = strings_of(self.properties.get(self.NAMES or ""))
        count = len(self.operands) - len(self.OPERANDS)
        require(len(names) in (0, count), f"has {count} inputs but {len(names)} names for them")
        require(len(set(names)) == len(names), "two inputs have the same name")

    def verify_agent(self) -> None:
        """Check what is special to this kind of agent."""

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_agent(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "AgentOp":
        """Parse the custom form."""
        parsed = parse_agent(parser, cls)
        return cls.create(
            operands=parsed.operands,
            result_types=[parsed.result_type],
            properties=parsed.properties,
            attributes=parsed.extras,
            regions=parsed.regions,
        )

    def fill(
        self,
        agent_id: str,
        site: str,
        operands: Sequence[Any],
        properties: dict[str, Attribute | None],
        result_type: Attribute,
        shared: Shared,
        body: Region | None = None,
    ) -> None:
        """Initialise the op; constructors of the kinds call this with what is their own."""
        language = shared.get("language")
        common: dict[str, Attribute | None] = {
            "id": StringAttr(agent_id),
            "site": StringAttr(site),
            "policy": shared.get("policy"),
            "cost": shared.get("cost"),
            "language": None if language is None else StringAttr(language),
        }
        fallback = shared.get("fallback")
        regions = [fallback] if body is None else [body, fallback]
        KumeoOp.__init__(
            self,
            operands=operands,
            result_types=[result_type],
            properties={**common, **properties},
            regions=regions,
        )


def require(holds: bool, otherwise: str) -> None:
    """Raise a verifier error unless the condition holds."""
    if not holds:
        raise VerifyException(otherwise)


Value = SSAValue | Operation


def reference(name: str) -> SymbolRefAttr:
    """Return a reference to the symbol `name`."""
    return SymbolRefAttr(name)


def names_attr(names: Sequence[str]) -> Attribute:
    """Return names as an attribute."""
    return string_array(names)
