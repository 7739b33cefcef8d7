"""Refuses questions to networks that cost too much; the agent then answers them row by row."""

from collections.abc import Sequence

from kumeo.models.elimination import Plan, plan
from kumeo.models.network import Network
from kumeo.passes.numeric.tensor_values import NotNumericError


class TooCostlyError(NotNumericError):
    """A question to a network costs too much to be compiled."""

    def __init__(self, found: Plan) -> None:
        super().__init__(
            f"its network takes {found.cost:,} multiply-adds per row and a table of"
            f" {found.largest:,} entries: it is answered exactly, row by row"
        )
        self.found = found


def check_cost(network: Network, query: str, names: Sequence[str], optional: Sequence[str]) -> None:
    """Refuse a question that is not compiled. Raises: NotNumericError, TooCostlyError."""
    if not names:
        raise NotNumericError("it has no evidence, so its answer is always the same")
    try:
        found = plan(network, query, names, optional)
    except ValueError as fault:
        raise NotNumericError(str(fault)) from None
    if found.verdict == "fallback":
        raise TooCostlyError(found)
