"""Which `provider` block an engine means: names of other declarations do not hide it."""

from xdsl.ir import Operation

from kumeo.analysis.symbols import SymbolIndex
from kumeo.dialects.workflow import ProviderOp


def provider_of(index: SymbolIndex, op: Operation, engine: str) -> ProviderOp | None:
    """Return the block of the provider of `provider/model`, or None when there is none."""
    name = engine.partition("/")[0]
    found = (table.get(name) for table in index.around(op))
    return next((each for each in found if isinstance(each, ProviderOp)), None)
