"""Sources and targets of a package, and those that the runtime has no connector for yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from xdsl.ir import Attribute

from kumeo.analysis.places import point_of
from kumeo.analysis.runnable import connector_limit
from kumeo.backends.python.code import Expr
from kumeo.backends.python.declarations import assigned, made
from kumeo.backends.python.errors import ConnectorUnsupported, Unprintable
from kumeo.backends.python.types import Types
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import SourceOp, TargetOp
from kumeo.dialects.workflow.declarations import Endpoint


def source_lines(label: str, op: SourceOp, types: Types) -> list[str]:
    """Return the declaration of a source. Raises: Unprintable."""
    kind, address, settings = connector(op)
    fields = {
        "name": op.symbol,
        "kind": kind,
        "address": address,
        "type": Expr(types.of(op.payload)),
        "key": None if op.key is None else op.key.data,
        "time": None if op.time is None else op.time.data,
        "settings": settings or None,
    }
    return assigned(label, made("Source", fields))


def target_lines(label: str, op: TargetOp, kinds: Sequence[Attribute], types: Types) -> list[str]:
    """Return the declaration of a target; `kinds` are the types of what is sent to it.

    Raises: Unprintable.
    """
    kind, address, settings = connector(op)
    fields = {
        "name": op.symbol,
        "kind": kind,
        "address": address,
        "type": Expr(types.of(kinds[0]) if len(kinds) == 1 else "Json"),
        "settings": settings or None,
    }
    return assigned(label, made("Target", fields))


def connector(op: Endpoint) -> tuple[str, str, Mapping[str, Any]]:
    """Return kind, address and settings as the runtime has them. Raises: Unprintable."""
    settings = {key: from_setting(value) for key, value in op.settings.data.items()}
    kind, address = op.kind.data, op.address.data
    missing = connector_limit(kind, settings)
    if missing is not None:
        what, fix = missing
        raise Unprintable(ConnectorUnsupported(point_of(op), op.symbol, what, fix))
    if kind == "nats" and "stream" in settings:
        stream = settings.pop("stream")
        return "jetstream", stream, {"subject": address, **settings}
    return kind, address, settings
