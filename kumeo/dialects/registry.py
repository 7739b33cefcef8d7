"""The dialects of Kumeo by name, each with a function that loads it when it is first needed."""

from collections.abc import Callable, Iterable

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin
from xdsl.ir import Dialect


def _data() -> Dialect:
    from kumeo.dialects.data import DATA

    return DATA


def _workflow() -> Dialect:
    from kumeo.dialects.workflow import WORKFLOW

    return WORKFLOW


def _agent() -> Dialect:
    from kumeo.dialects.agent import AGENT

    return AGENT


def _infer() -> Dialect:
    from kumeo.dialects.infer import INFER

    return INFER


def _messaging() -> Dialect:
    from kumeo.dialects.messaging import MESSAGING

    return MESSAGING


DIALECTS: dict[str, Callable[[], Dialect]] = {
    "agent": _agent,
    "data": _data,
    "infer": _infer,
    "messaging": _messaging,
    "workflow": _workflow,
}


def make_context(
    allow_unregistered: bool = False, others: Iterable[tuple[str, Callable[[], Dialect]]] = ()
) -> Context:
    """Return a context that knows the builtin dialect, Kumeo's and the `others`, all lazily."""
    ctx = Context(allow_unregistered=allow_unregistered)
    ctx.register_dialect("builtin", lambda: Builtin)
    for name, load in (*DIALECTS.items(), *others):
        ctx.register_dialect(name, load)
    return ctx
