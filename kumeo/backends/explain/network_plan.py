"""What the plan of a question says: what is pruned, what it costs, how exactly it is computed."""

from collections.abc import Iterator

from kumeo.analysis.networks import ROW_LIMIT
from kumeo.backends.explain.view import Section, Value, count_of
from kumeo.models.elimination import BATCH_COST, COMPILE_COST, FLOAT32_COST, MAX_TABLE, Plan
from kumeo.models.network import Network

Fact = tuple[str, Value]


def influences(network: Network, found: Plan, name: str) -> bool:
    """Say whether evidence has a part in the answer."""
    if found.steps:
        return name in found.read
    return name in found.needed or any(name in network.parents[each] for each in found.needed)


def plan_facts(network: Network, found: Plan) -> Iterator[Fact]:
    """Yield the headline facts of a plan."""
    yield "asked for", f"{found.query} ({', '.join(found.states)})"
    yield "evidence", ", ".join(_evidence(found)) or "none"
    idle = [name for name in found.evidence if not influences(network, found, name)]
    if idle:
        yield "without influence", f"{', '.join(idle)}: the rest decides"
    kept = set(found.needed) | {n for n in found.evidence if influences(network, found, n)}
    left = len(network.states) - len(kept | {found.query})
    yield "needed", f"{count_of(len(network.states) - left, 'variable')}; {left} are pruned"
    yield "at -O2", _verdict(found)
    yield "cost", f"{found.cost:,} multiply-adds for an event"
    yield "largest table", f"{found.largest:,} numbers"
    if found.verdict != "fallback":
        yield "numbers in tables", _constants(found)
        yield "computed in", _precision(found)
        yield "because", _reason(found)


def _evidence(found: Plan) -> Iterator[str]:
    return (f"{n} (may be missing)" if n in found.optional else n for n in found.evidence)


def _verdict(found: Plan) -> str:
    if found.verdict == "compile":
        return "compiled into a graph"
    if found.verdict == "small-batches":
        return f"compiled, for batches of {found.batch_max}: it costs more than {COMPILE_COST:,}"
    over = "it costs more than" if found.cost > BATCH_COST else "a table has more numbers than"
    limit = BATCH_COST if found.cost > BATCH_COST else MAX_TABLE
    told = "fails for want of memory" if found.largest > ROW_LIMIT else "answered exactly"
    return f"not compiled: {over} {limit:,}; {told}, one event at a time"


def _constants(found: Plan) -> int:
    tables = (vars(step).values() for step in found.steps)
    return sum(int(getattr(part, "size", 0)) for values in tables for part in values)


def _precision(found: Plan) -> str:
    scaled = ", scaled where numbers become small" if found.is_rescaled else ""
    words = {"log": "logarithms", "float32": "float32", "float64": f"float64{scaled}"}
    return words[found.precision]


def _reason(found: Plan) -> str:
    """Return why the precision is safe, from the least probability of evidence."""
    least = f"1e{found.least_log10:.0f}"
    if found.precision == "float32":
        return f"possible evidence has a probability of at least {least}; errors stay below 1e-6"
    if found.precision == "float64" and found.cost <= FLOAT32_COST and not found.is_rescaled:
        return f"possible evidence has a probability of at least {least}; float32 saves no time"
    may = f"possible evidence may have a probability of only {least}"
    if found.precision == "float64":
        return f"{may}; float32 could lose it, or be wrong by more than 1e-6"
    return f"{may}; float64 could lose it, even when it is scaled"


def order_section(found: Plan) -> Section:
    """Return the hidden variables in the order in which they are summed out."""
    rows = tuple((number, name) for number, name in enumerate(found.order, 1))
    notes = (f"the cheapest order found: {found.strategy}",) if rows else ("nothing to sum out",)
    return Section("order", "summed out, in this order", ("no", "variable"), rows, notes)
