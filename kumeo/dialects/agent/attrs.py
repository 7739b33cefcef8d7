"""Attributes of the `agent` dialect: failure policy and cost.

    #agent.policy<timeout = 30000000, attempts = 3, backoff = exponential, delay = 1000000>
    #agent.cost<latency = 1200000, price = 0.002, tokens = 800>

Times are microseconds. A policy is data: what it means is told by the interpreter.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, NoneAttr, StringAttr, f64, i64
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

_T = TypeVar("_T")

BACKOFFS = ("none", "fixed", "exponential")


class Cost(NamedTuple):
    """What one run of an agent is expected to take."""

    latency_us: int = 0
    price_usd: float = 0.0
    tokens: int = 0


@irdl_attr_definition
class PolicyAttr(ParametrizedAttribute):
    """How often and how long an agent is tried: `#agent.policy<attempts = 3>`."""

    name = "agent.policy"

    timeout: IntegerAttr | NoneAttr
    attempt_count: IntegerAttr
    backoff_kind: StringAttr
    delay: IntegerAttr

    def __init__(
        self,
        timeout_us: int | None = None,
        attempts: int = 1,
        backoff: str = "none",
        delay_us: int = 0,
    ) -> None:
        timeout = NoneAttr() if timeout_us is None else IntegerAttr(timeout_us, i64)
        super().__init__(
            timeout, IntegerAttr(attempts, i64), StringAttr(backoff), IntegerAttr(delay_us, i64)
        )

    @property
    def timeout_us(self) -> int | None:
        """Longest time of one attempt, or None."""
        return None if isinstance(self.timeout, NoneAttr) else self.timeout.value.data

    @property
    def attempts(self) -> int:
        """How often the agent is tried in all."""
        return self.attempt_count.value.data

    @property
    def backoff(self) -> str:
        """How the delay grows: `none`, `fixed` or `exponential`."""
        return self.backoff_kind.data

    @property
    def delay_us(self) -> int:
        """Time before the second attempt."""
        return self.delay.value.data

    def fault(self) -> str | None:
        """Return what is wrong with the policy, or None."""
        if self.attempts < 1:
            return f"a policy of {self.attempts} attempts never runs the agent: write at least 1"
        if self.timeout_us is not None and self.timeout_us <= 0:
            return f"the timeout is {self.timeout_us} us: write a positive time"
        if self.backoff not in BACKOFFS:
            return f"unknown backoff `{self.backoff}`: write one of {', '.join(BACKOFFS)}"
        if self.delay_us < 0:
            return f"the delay is {self.delay_us} us: write a time that is not negative"
        if self.backoff != "none" and self.delay_us == 0:
            return f"a backoff `{self.backoff}` needs a delay: write `delay = …`"
        return None

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse `<timeout = 1, attempts = 2, backoff = fixed, delay = 3>`."""
        readers: dict[str, Callable[[], int | str]] = {
            "timeout": parser.parse_integer,
            "attempts": parser.parse_integer,
            "backoff": parser.parse_identifier,
            "delay": parser.parse_integer,
        }
        given = _parse_fields(parser, readers)
        timeout = given.get("timeout")
        return (
            NoneAttr() if timeout is None else IntegerAttr(int(timeout), i64),
            IntegerAttr(int(given.get("attempts", 1)), i64),
            StringAttr(str(given.get("backoff", "none"))),
            IntegerAttr(int(given.get("delay", 0)), i64),
        )

    def print_parameters(self, printer: Printer) -> None:
        """Print the fields that differ from their defaults; always `attempts`."""
        fields = [f"attempts = {self.attempts}"]
        if self.timeout_us is not None:
            fields.insert(0, f"timeout = {self.timeout_us}")
        if self.backoff != "none":
            fields.append(f"backoff = {self.backoff}")
        if self.delay_us:
            fields.append(f"delay = {self.delay_us}")
        printer.print_string(f"<{', '.join(fields)}>")


@irdl_attr_definition
class CostAttr(ParametrizedAttribute):
    """An estimate that replaces the one of the agent's kind: `#agent.cost<tokens = 800>`."""

    name = "agent.cost"

    latency: IntegerAttr
    price: FloatAttr
    token_count: IntegerAttr

    def __init__(self, latency_us: int = 0, price_usd: float = 0.0, tokens: int = 0) -> None:
        super().__init__(
            IntegerAttr(latency_us, i64), FloatAttr(price_usd, f64), IntegerAttr(tokens, i64)
        )

    @property
    def cost(self) -> Cost:
        """The estimate as plain numbers."""
        return Cost(self.latency.value.data, self.price.value.data, self.token_count.value.data)

    def fault(self) -> str | None:
        """Return what is wrong with the estimate, or None."""
        if all(part >= 0 for part in self.cost):
            return None
        return "a cost is negative: write latency, price and tokens of at least 0"

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse `<latency = 1, price = 0.5, tokens = 2>`."""
        readers: dict[str, Callable[[], int | float]] = {
            "latency": parser.parse_integer,
            "price": parser.parse_number,
            "tokens": parser.parse_integer,
        }
        given = _parse_fields(parser, readers)
        return (
            IntegerAttr(int(given.get("latency", 0)), i64),
            FloatAttr(float(given.get("price", 0)), f64),
            IntegerAttr(int(given.get("tokens", 0)), i64),
        )

    def print_parameters(self, printer: Printer) -> None:
        """Print all three fields."""
        latency, price, tokens = self.cost
        printer.print_string(f"<latency = {latency}, price = {price!r}, tokens = {tokens}>")


def _parse_fields(parser: AttrParser, readers: dict[str, Callable[[], _T]]) -> dict[str, _T]:
    """Parse `<name = value, …>` in any order, each name at most once."""
    given: dict[str, _T] = {}

    def parse_field() -> None:
        position = parser.pos
        name = parser.parse_identifier()
        if name not in readers or name in given:
            parser.raise_error(f"expected each of {', '.join(readers)} at most once", position)
        parser.parse_punctuation("=")
        given[name] = readers[name]()

    parser.parse_comma_separated_list(parser.Delimiter.ANGLE, parse_field)
    return given
