"""Questions to Bayesian networks that cost too much to be compiled."""

from collections.abc import Callable, Iterator

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.places import point_of
from kumeo.analysis.risk_errors import NetworkTooCostly
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import BayesOp
from kumeo.dialects.data.types import OptionType
from kumeo.dialects.settings import strings_of
from kumeo.dialects.workflow import ModelOp
from kumeo.frontend.signatures import NetworkSignature
from kumeo.frontend.signatures.network import read_network
from kumeo.models.quick_cost import quick_cost

QUICK_LIMIT = 500_000
"""Questions below are cheap for the planner, too; a limit of it is twenty million."""

ROW_LIMIT = 1 << 27
"""Numbers of the largest table that an answer may take when it is worked out by itself."""

ReadFile = Callable[[str], bytes | None]


def costly_networks(module: ModuleOp, read_file: ReadFile) -> Iterator[NetworkTooCostly]:
    """Yield a warning for each question that is not compiled because of what it costs."""
    known: dict[str, NetworkSignature | None] = {}
    index = SymbolIndex(module)
    for op in walk_ops(module):
        declared = index.resolve(op, op.network_name) if isinstance(op, BayesOp) else None
        if not isinstance(op, BayesOp) or not isinstance(declared, ModelOp):
            continue
        path = declared.address.data
        if path not in known:
            data = read_file(path)
            known[path] = None if data is None else read_network(data, path, None)[0]
        signature = known[path]
        if signature is not None:
            yield from _costly(op, signature, path)


def _costly(op: BayesOp, signature: NetworkSignature, path: str) -> Iterator[NetworkTooCostly]:
    names = strings_of(op.names)
    asked = strings_of(op.query)
    if not names or not {*names, *asked} <= signature.variables.keys():
        return
    given = (signature.variables, signature.parents)
    for query in asked:
        if query in names or quick_cost(*given, query, names, optional_of(op)) <= QUICK_LIMIT:
            continue
        # Only now: the planner needs NumPy, and it can take seconds.
        from kumeo.models.elimination import plan
        from kumeo.models.network import network_from_rows

        network = network_from_rows(*given, signature.tables)
        found = plan(network, query, names, optional_of(op))
        if found.verdict == "fallback":
            yield too_costly(op, path, query, found.cost, found.largest)


def optional_of(op: BayesOp) -> list[str]:
    """Return the evidence that an event may lack."""
    pairs = zip(strings_of(op.names), op.evidence, strict=True)
    return [name for name, value in pairs if isinstance(value.type, OptionType)]


def too_costly(op: BayesOp, path: str, query: str, cost: int, largest: int) -> NetworkTooCostly:
    """Return the warning about one question."""
    names, optional = ",".join(strings_of(op.names)), ",".join(optional_of(op))
    command = f"kumeo explain-model {path} --query {query} --evidence {names}"
    command += f" --optional {optional}" if optional else ""
    exact = "it is answered exactly, one event at a time"
    fallback = "the agent fails with `model-failed`" if largest > ROW_LIMIT else exact
    return NetworkTooCostly(
        point_of(op), op.agent_id, query, f"{cost:,}", f"{largest:,}", fallback, command
    )
