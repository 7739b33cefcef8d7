"""`lower-bayes`: compute the posterior of a Bayesian network with elementary ops on tensors.

    %p, %ok = infer.bayes @risk (%n) names ["Night"] query "Fraud" states 2 : i64
      : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)

becomes look-ups in the network's tables, products, sums and matrix products, here:

    %t = infer.constant () value dense<[[0.1, 0.18], [0.4, 0.32]]> …   // P(Fraud, Night)
    %w = infer.gather (%t, %n) axis 1 …
    %s = infer.reduce_sum (%w) axes array<i64: 0> …
    %ok = infer.compare (%s, %zero) predicate "gt" …
    %d = infer.select (%ok, %s, %one) …                                // never a division by zero
    %p = infer.transpose (infer.div (%w, %d)) …

Variables that do not matter are left out; the cheapest of many orders of multiplication is taken.
Evidence stays an axis of a table while the table has at most `bind_limit` entries, but no table
holds more than half of the evidence that matters: it is inference, not a table of answers. With
`bind_limit=0` all evidence is looked up in the tables of the network itself. Numbers are float32
where that saves time and a bound of all numbers proves it to be exact to 1e-6, else float64,
rescaled where products could leave its range, else logarithms.

Sound because variable elimination only uses that sums and products of probabilities distribute;
evidence of probability zero gives weights that are all zero, as before. A network that costs too
much stays as it is, and so does one whose file cannot be read: there is no approximation.
"""

from dataclasses import dataclass
from typing import ClassVar, cast

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Operation
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import InferOp
from kumeo.dialects.agent.infer import BATCH_MAX
from kumeo.dialects.infer import BayesOp
from kumeo.dialects.settings import strings_of
from kumeo.models.elimination import BIND_LIMIT, MAX_BIND_LIMIT, Plan, Precision, plan
from kumeo.models.network import Network, load_network
from kumeo.passes.base import OpPass
from kumeo.passes.files import read_model
from kumeo.passes.numeric.network_ops import NetworkWriter

PRECISIONS = ("auto", "float32", "float64", "log")


@dataclass(frozen=True)
class LowerBayesPass(OpPass):
    """Compute the posteriors of Bayesian networks with elementary ops on tensors."""

    name = "lower-bayes"
    LEVELS: ClassVar[tuple[str, ...]] = ("numeric", "stages", "messaging")
    ROUNDS: ClassVar[float] = 1e-6

    precision: str = "auto"
    """How numbers are computed: `auto`, `float32`, `float64` or `log`."""

    bind_limit: int = BIND_LIMIT
    """Entries up to which a table keeps evidence as axes; 0 looks all evidence up at once."""

    def __post_init__(self) -> None:
        """Refuse a precision that does not exist, and a limit out of range."""
        if self.precision not in PRECISIONS:
            raise ValueError(f"`precision` is one of {', '.join(PRECISIONS)}")
        if not 0 <= self.bind_limit <= MAX_BIND_LIMIT:
            raise ValueError(f"`bind_limit` is a number from 0 to {MAX_BIND_LIMIT}")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Lower every network that can be compiled."""
        networks: dict[str, Network | str] = {}
        for op in [o for o in walk_ops(root) if isinstance(o, BayesOp)]:
            symbol = op.network.string_value()
            if symbol not in networks:
                networks[symbol] = _load(op, symbol)
            found = self._plan(op, networks[symbol])
            if isinstance(found, str):
                self.remark(op, f"`@{symbol}` stays a network: {found}")
                continue
            self.remark(op, describe(symbol, found))
            self.count("networks lowered")
            _limit_batches(op, found)
            _replace(op, found)

    def _plan(self, op: BayesOp, network: Network | str) -> Plan | str:
        """Return how an op is computed, or why it is not."""
        if isinstance(network, str):
            return network
        if not op.inputs:
            return "it has no evidence, so no row differs from another"
        try:
            found = plan(
                network,
                op.query.data,
                strings_of(op.names),
                strings_of(op.optional),
                bind_limit=self.bind_limit,
                precision=cast(Precision, self.precision),
            )
        except ValueError as fault:
            return str(fault)
        if len(found.states) != op.states.value.data:
            return f"`{found.query}` has {len(found.states)} states in its file"
        return found if found.verdict != "fallback" else _too_dear(found)


def _load(op: BayesOp, symbol: str) -> Network | str:
    """Return the network that an op names, or why there is none."""
    data = read_model(op, symbol)
    if data is None:
        return "its file cannot be read here"
    network = load_network(data, symbol)
    return network.headline if isinstance(network, Diagnostic) else network


def _too_dear(found: Plan) -> str:
    return (
        f"{found.cost:,} multiply-adds per row and a table of {found.largest:,} entries are too"
        " much; give more evidence, or less that may be missing"
    )


def describe(symbol: str, found: Plan) -> str:
    """Return one sentence on how a question is computed."""
    order = ", ".join(found.order[:8]) + (", …" if len(found.order) > 8 else "")
    exact = found.precision + (" with rescaling" if found.is_rescaled else "")
    batches = f"; batches of at most {found.batch_max}" if found.batch_max else ""
    return (
        f"`{found.query}` of `@{symbol}` is computed from {len(found.needed)} tables in"
        f" {len(found.steps)} steps: {found.cost:,} multiply-adds per row, largest table"
        f" {found.largest:,} entries, {exact}; summed out: {order or 'nothing'}"
        f" ({found.strategy}){batches}"
    )


def _limit_batches(op: BayesOp, found: Plan) -> None:
    """Say on the program how many rows a batch may have: tables of a row are large."""
    program = op.parent_op()
    if found.batch_max is None or not isinstance(program, InferOp):
        return
    known = program.attributes.get(BATCH_MAX)
    most = known.value.data if isinstance(known, IntegerAttr) else found.batch_max
    program.attributes[BATCH_MAX] = IntegerAttr(min(most, found.batch_max), i64)


def _replace(op: BayesOp, found: Plan) -> None:
    builder = Builder(InsertPoint.before(op))
    first = op.prev_op
    values = NetworkWriter(found, op.inputs, builder).write()
    for new, old in zip(values, op.results, strict=True):
        new.name_hint = old.name_hint
    step = first.next_op if first is not None else _first_of(op)
    while step is not None and step is not op:
        step.location = op.location
        step = step.next_op
    Rewriter.replace_op(op, [], values)


def _first_of(op: Operation) -> Operation | None:
    block = op.parent_block()
    return block.first_op if block is not None else None
