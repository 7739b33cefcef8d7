"""Which extras of the runtime a package needs: libraries that not everybody installs."""

from collections.abc import Mapping

from xdsl.ir import Operation

from kumeo.dialects.agent import AgentOp, QueryOp, RetrieveOp
from kumeo.dialects.workflow.declarations import Endpoint

EXTRAS = ("http", "models", "knowledge", "embedder", "postgresql", "tables")
"""Their names in the order in which they are written."""


def extras_of(op: AgentOp, symbols: Mapping[str, Operation]) -> set[str]:
    """Return the extras that an agent needs besides those of models."""
    if not isinstance(op, RetrieveOp | QueryOp):
        return set()
    context = symbols.get(op.context_name)
    if not isinstance(context, Endpoint):
        return set()
    found: set[str] = set()
    if isinstance(op, RetrieveOp):
        found |= {"knowledge"} if op.query is not None else set()
        found |= {"embedder"} if "embedder" in context.settings.data else set()
    if context.kind.data == "table":
        is_csv_text = isinstance(op, RetrieveOp) and context.address.data.lower().endswith(".csv")
        return found | (set() if is_csv_text else {"tables"})
    scheme, mark, _ = context.address.data.partition("://")
    is_server = not context.address.data or (bool(mark) and scheme != "sqlite")
    return found | ({"postgresql"} if isinstance(op, QueryOp) and is_server else set())
