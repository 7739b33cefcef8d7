"""How long lists can be where a `for` reads them: what conditions on their length have settled.

    if len(source.lines) <= config.most_lines { for line in source.lines { … } }

Config values that are not dynamic count as constants here: a bound is that of the deployment.
"""

import math
from collections.abc import Mapping

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.domains.regions import State, domain_of
from kumeo.analysis.domains.values import Numbers
from kumeo.analysis.domains.walk import Observer, walk_module
from kumeo.analysis.walk import walk_ops
from kumeo.dialects import data
from kumeo.dialects.data.constants import INT_MAX
from kumeo.dialects.workflow import ForeachOp


def list_bounds(module: ModuleOp) -> Mapping[ForeachOp, float]:
    """Return the most elements of the list of each `for` about which something is known."""
    if not any(isinstance(op, ForeachOp) for op in walk_ops(module)):
        return {}
    look = _Look()
    walk_module(module, look, assume_config=True)
    return look.bounds


class _Look(Observer):
    def __init__(self) -> None:
        self.bounds: dict[ForeachOp, float] = {}

    def at_foreach(self, op: ForeachOp, state: State) -> None:
        """Note the bound of a list."""
        items = self.terms.of(op.items)
        made = self.terms.terms[items].op
        if isinstance(made, data.ListOp):
            self.bounds[op] = len(made.values)
            return
        length = self.terms.lengths.get(items)
        if length is None or not state:
            return
        domains = [domain_of(self.terms, box, length) for box in state]
        high = max(d.high if isinstance(d, Numbers) else math.inf for d in domains)
        if high < INT_MAX:
            self.bounds[op] = high
