"""`BayesNet`: exact answers of a discrete Bayesian network, by variable elimination.

A factor is a table of numbers with one axis per variable. The joint probability is the product of
the conditional tables; a question sums every other variable out, cheapest first. The order follows
from which variables are given, so it is worked out once per set. Evidence is discrete: answers are
kept, and most events only look theirs up.

The file is JSON that `kumeo build` writes from the network: states and parents by variable, and the
rows of each table, the last parent changing fastest.
"""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from math import prod
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from kumeo_runtime.agents.base import Policy, PureAgent
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.shapes import fields_of
from kumeo_runtime.values import Fault

T = TypeVar("T")
Table: TypeAlias = Any
"""A NumPy array of floats."""
ANSWERS_MAX = 65_536
"""Answers that are kept per network."""
ENTRIES_MAX = 1 << 27
"""Numbers of the largest table that one answer may take: a gigabyte."""
AXES_MAX = 64
"""Axes of an array of NumPy."""


class Network(Struct, frozen=True):
    """A network as the build step writes it."""

    variables: dict[str, tuple[str, ...]]
    """The states of each variable."""
    parents: dict[str, tuple[str, ...]]
    tables: dict[str, tuple[tuple[float, ...], ...]]


class Factor(NamedTuple):
    """A table with the names of its axes."""

    axes: tuple[str, ...]
    table: Table


class Plan(NamedTuple):
    """How to answer: the variables that matter, and those to sum out, in order."""

    needed: tuple[str, ...]
    order: tuple[str, ...]


class BayesNet(PureAgent[T]):
    """A network of the package and what is asked of it."""

    def __init__(
        self,
        *,
        site: str,
        artifact: str,
        query: Sequence[str],
        result: Any,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
        inputs: Sequence[str] = (),
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts, inputs=inputs)
        self.artifact = artifact
        self.query = tuple(query)
        self._fields = {f.json_name: f for f in fields_of(result)}
        self._engine: Inference | None = None
        self._answers: dict[tuple[Any, ...], T] = {}

    async def start(self, resources: Resources) -> None:
        """Read the network. Raises: AgentError."""
        data = resources.artifact(self.artifact)
        try:
            network = msgspec.json.decode(data, type=Network)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"the network `{self.artifact}` cannot be read: {error}"
            raise AgentError("model-failed", message, "build the package again") from None
        self._engine = Inference(network)

    def compute(self, inputs: Mapping[str, Any]) -> T:
        """Return the distributions. Raises: Fault, for instance for impossible evidence."""
        key = tuple(inputs.values())
        known = self._answers.get(key)
        if known is not None:
            return known
        engine = self._engine
        if engine is None:
            raise Fault("model-failed", f"the network `{self.artifact}` is not open")
        given = self.named(inputs).items()
        evidence = {n: state_of(engine.network, n, v) for n, v in given if v is not None}
        answer = self.result(
            **{self._fields[q].name: self._ask(engine, q, evidence) for q in self.query}
        )
        if len(self._answers) < ANSWERS_MAX:
            self._answers[key] = answer
        return answer

    def _ask(self, engine: "Inference", query: str, evidence: dict[str, str]) -> Any:
        if query not in engine.network.variables:
            raise Fault("unknown-variable", f"the network has no variable `{query}`")
        numbers = engine.posterior(query, evidence)
        if numbers is None:
            raise Fault("impossible-evidence", "the network gives the evidence probability zero")
        names = [field.name for field in fields_of(self._fields[query].type)]
        return self._fields[query].type(**dict(zip(names, numbers, strict=True)))


def state_of(network: Network, name: str, value: Any) -> str:
    """Return the state that a value names; a boolean names `true` or `false` in any case."""
    states = network.variables.get(name)
    if states is None:
        raise Fault("unknown-variable", f"the network has no variable `{name}`")
    if isinstance(value, bool):
        word = "true" if value else "false"
        found = next((state for state in states if state.lower() == word), word)
    else:
        found = str(value)
    if found not in states:
        raise Fault("unknown-state", f"`{name}` has no state `{found}`")
    return found


class Inference:
    """Answers questions about one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._numpy: Any = importlib.import_module("numpy")
        self._factors = {name: self._factor(name) for name in network.variables}
        self._plans: dict[tuple[str, frozenset[str]], Plan] = {}

    def _factor(self, name: str) -> Factor:
        axes = (*self.network.parents[name], name)
        shape = tuple(len(self.network.variables[axis]) for axis in axes)
        rows = self._numpy.asarray(self.network.tables[name], dtype=self._numpy.float64)
        return Factor(axes, rows.reshape(shape))

    def posterior(self, query: str, evidence: Mapping[str, str]) -> list[float] | None:
        """Return the probability of each state of `query`, or None for impossible evidence.

        Raises: Fault for an answer that takes too much memory.
        """
        states = self.network.variables
        observed = {name: states[name].index(state) for name, state in evidence.items()}
        plan = self._plan(query, frozenset(evidence))
        factors = [self._given(self._factors[name], observed) for name in plan.needed]
        for variable in plan.order:
            factors = self._eliminate(factors, variable)
        weights = self._expand(self._product(factors), query, observed)
        total = float(weights.sum())
        return [float(weight) for weight in weights / total] if total > 0.0 else None

    def _plan(self, query: str, given: frozenset[str]) -> Plan:
        key = (query, given)
        if key not in self._plans:
            needed = tuple(sorted(self._ancestors([query, *given])))
            axes = [tuple(a for a in self._factors[n].axes if a not in given) for n in needed]
            self._plans[key] = Plan(needed, tuple(elimination_order(axes, {query})))
        return self._plans[key]

    def _ancestors(self, names: Iterable[str]) -> set[str]:
        """Return variables and all they depend on; the rest sums to one."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.network.parents[name])
        return found

    def _given(self, factor: Factor, observed: Mapping[str, int]) -> Factor:
        """Keep the part of a table that agrees with the evidence."""
        index = tuple(observed.get(axis, slice(None)) for axis in factor.axes)
        axes = tuple(axis for axis in factor.axes if axis not in observed)
        return Factor(axes, self._numpy.asarray(factor.table[index]))

    def _eliminate(self, factors: Sequence[Factor], variable: str) -> list[Factor]:
        """Multiply the tables that have `variable` and sum it out."""
        touched = [factor for factor in factors if variable in factor.axes]
        others = [factor for factor in factors if variable not in factor.axes]
        product = self._product(touched)
        axis = product.axes.index(variable)
        rest = tuple(name for name in product.axes if name != variable)
        return [*others, Factor(rest, product.table.sum(axis=axis))]

    def _product(self, factors: Sequence[Factor]) -> Factor:
        return reduce(self._multiply, factors)

    def _multiply(self, left: Factor, right: Factor) -> Factor:
        """Multiply, and divide by the largest entry: only ratios matter, and none underflows."""
        axes = (*left.axes, *(axis for axis in right.axes if axis not in left.axes))
        entries = prod(len(self.network.variables[axis]) for axis in axes)
        if entries > ENTRIES_MAX or len(axes) > AXES_MAX:
            large = f"the answer takes a table of {len(axes)} variables, {entries} numbers"
            raise Fault("model-failed", large)
        table = self._aligned(left, axes) * self._aligned(right, axes)
        largest = float(table.max()) if table.size else 0.0
        return Factor(axes, table / largest if largest > 0.0 else table)

    def _aligned(self, factor: Factor, axes: tuple[str, ...]) -> Table:
        """Return the table with its axes in the order of `axes`, of length one where absent."""
        order = [factor.axes.index(axis) for axis in axes if axis in factor.axes]
        index = tuple(slice(None) if axis in factor.axes else None for axis in axes)
        return self._numpy.transpose(factor.table, order)[index]

    def _expand(self, factor: Factor, query: str, observed: Mapping[str, int]) -> Table:
        """Return one weight per state of the query, also when the query itself is observed."""
        if query not in observed:
            return factor.table
        weights = self._numpy.zeros(len(self.network.variables[query]))
        weights[observed[query]] = float(factor.table)
        return weights


def elimination_order(axes: Sequence[tuple[str, ...]], keep: set[str]) -> list[str]:
    """Return the variables to sum out: always the one with the fewest neighbours next."""
    near: dict[str, set[str]] = {}
    for names in axes:
        for name in names:
            near.setdefault(name, set()).update(names)
    order: list[str] = []
    while len(order) < len(near.keys() - keep):
        rest = near.keys() - keep - set(order)
        variable = min(rest, key=lambda name: (len(near[name]), name))
        for other in near[variable]:
            near[other] = (near[other] | near[variable]) - {variable}
        order.append(variable)
    return order
