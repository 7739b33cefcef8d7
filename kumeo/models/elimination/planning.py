"""`make_plan`: a question to a network becomes steps: what they cost, how exact they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kumeo.models.elimination.build import build_steps
from kumeo.models.elimination.constants import LOG_ZERO
from kumeo.models.elimination.precision import FLOAT64_LIMIT, Precision, analyse
from kumeo.models.elimination.problem import Problem, make_problem
from kumeo.models.elimination.run import run_steps
from kumeo.models.elimination.search import Work, find_tree, measure_tree
from kumeo.models.elimination.space import Space
from kumeo.models.elimination.steps import Bind, Rescale, Step, cost_of
from kumeo.models.network import Network, Table

Verdict = Literal["compile", "small-batches", "fallback"]

BIND_LIMIT = 4096
"""Entries up to which a table keeps evidence as axes; 0 looks all evidence up at once."""

MAX_BIND_LIMIT = 1 << 20
"""Larger tables with evidence help nobody: a row reads a few of their entries."""

COMPILE_COST, BATCH_COST = 1_000_000, 20_000_000
"""Multiply-adds per row up to which a network is compiled, and compiled for small batches."""

MAX_TABLE = 1 << 24
"""Entries of the largest table of a network that is compiled."""

MAX_BATCH_ENTRIES = 1 << 25
"""Entries of the largest table of a whole batch: 256 MB of float64."""

SMALL_BATCH = 16
"""Rows at once that a network with the verdict `small-batches` should see at most."""


@dataclass(frozen=True)
class Plan:
    """How a question is answered; `steps` is empty when the verdict is `fallback`."""

    query: str
    states: tuple[str, ...]
    evidence: tuple[str, ...]
    optional: frozenset[str]
    needed: tuple[str, ...]
    """Variables that are left after pruning, in the order of the network."""
    order: tuple[str, ...]
    """Hidden variables in the order in which they are summed out."""
    strategy: str
    steps: tuple[Step, ...]
    cost: int
    """Multiply-adds per row."""
    largest: int
    """Entries of the largest table, of the program or of a row."""
    estimate_ns: float
    precision: Precision
    is_rescaled: bool
    least_log10: float
    """A positive P(query, evidence) is at least 10 to this power."""
    verdict: Verdict
    bind_limit: int

    @property
    def batch_max(self) -> int | None:
        """Return how many rows a batch should have, or None for any number."""
        if self.verdict != "small-batches":
            return None
        return max(1, min(SMALL_BATCH, MAX_BATCH_ENTRIES // self.largest))

    @property
    def read(self) -> tuple[str, ...]:
        """Return the evidence that the answer depends on, as far as it is read at all."""
        places = {p for step in self.steps if isinstance(step, Bind) for p, _ in step.index}
        return tuple(name for i, name in enumerate(self.evidence) if i in places)

    @property
    def has_zeros(self) -> bool:
        """Whether evidence can be impossible: without zeros in its tables none is."""
        parts = (part for step in self.steps for part in vars(step).values())
        zero = LOG_ZERO / 2 if self.precision == "log" else 0.0
        return any(isinstance(part, np.ndarray) and not (part > zero).all() for part in parts)

    def run(self, rows: NDArray[np.int64]) -> tuple[Table, NDArray[np.bool_]]:
        """Return posteriors (rows, states) and which rows are possible, computed with NumPy.

        Shapes: rows (batch, evidence) of state indices, -1 for missing.
        """
        single = self.precision == "float32"
        return run_steps(self.steps, rows.T, self.precision == "log", single)


def make_plan(
    network: Network,
    query: str,
    evidence: Sequence[str],
    optional: Collection[str] = (),
    *,
    bind_limit: int = BIND_LIMIT,
    precision: Precision | Literal["auto"] = "auto",
    effort: int = 24,
) -> Plan:
    """Return the plan of a question. `optional` is the evidence that a row may lack.

    Raises: ValueError for names that the network does not have, or that contradict each other.
    """
    _check(network, query, evidence, optional)
    problem = make_problem(network, query, evidence, optional)
    space = Space(problem, bind_limit, precision == "log")
    tree = find_tree(space, effort)
    work = measure_tree(space, tree)
    if judge(work.cost, work.largest) == "fallback":
        # Without matrix products the estimate counts multiplications alone, as the limit does.
        tree = find_tree(Space(problem, bind_limit, is_log=True), 4 * effort)
        work = measure_tree(space, tree)
    if judge(work.cost, work.largest) == "fallback":
        return _refused(network, problem, tree.strategy, work, bind_limit)
    steps, least_log = build_steps(space, tree)
    found = analyse(steps, precision)
    is_lost = precision == "auto" and least_log < FLOAT64_LIMIT
    if (found.precision == "log" or is_lost) and not space.is_log:
        again = partial(make_plan, network, query, evidence, optional, bind_limit=bind_limit)
        return again(precision="log", effort=effort)
    cost, largest = cost_of(found.steps)
    return Plan(
        query=query,
        states=network.states[query],
        evidence=problem.evidence,
        optional=problem.optional,
        needed=problem.needed,
        order=work.order,
        strategy=tree.strategy,
        steps=found.steps,
        cost=cost,
        largest=max(largest, work.largest),
        estimate_ns=tree.estimate_ns,
        precision=found.precision,
        is_rescaled=any(isinstance(step, Rescale) for step in found.steps),
        least_log10=found.least_log / log(10),
        verdict=judge(cost, max(largest, work.largest)),
        bind_limit=bind_limit,
    )


def judge(cost: int, largest: int) -> Verdict:
    """Return whether a network of this cost is compiled."""
    if cost > BATCH_COST or largest > MAX_TABLE:
        return "fallback"
    return "compile" if cost <= COMPILE_COST else "small-batches"


def _check(
    network: Network, query: str, evidence: Sequence[str], optional: Collection[str]
) -> None:
    for name in (query, *evidence):
        if name not in network.states:
            raise ValueError(f"the network has no variable `{name}`")
    if query in evidence:
        raise ValueError(f"`{query}` is both evidence and asked for")
    if len(set(evidence)) != len(evidence):
        raise ValueError("a variable is given twice as evidence")
    if not set(optional) <= set(evidence):
        raise ValueError("an optional variable is no evidence")


def _refused(
    network: Network, problem: Problem, strategy: str, work: Work, bind_limit: int
) -> Plan:
    return Plan(
        query=problem.query,
        states=network.states[problem.query],
        evidence=problem.evidence,
        optional=problem.optional,
        needed=problem.needed,
        order=work.order,
        strategy=strategy,
        steps=(),
        cost=work.cost,
        largest=work.largest,
        estimate_ns=0.0,
        precision="float64",
        is_rescaled=False,
        least_log10=float("-inf"),
        verdict="fallback",
        bind_limit=bind_limit,
    )
