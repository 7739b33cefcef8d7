"""Sources and targets of a workflow: connectors such as `NATS("orders")`.

One by itself, several by name, or several in a list; a plain string is a NATS subject.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xdsl.ir import Attribute

from kumeo.diagnostics import nearest
from kumeo.dialects import workflow
from kumeo.dialects.data import (
    JSON,
    TIME,
    OptionType,
    RecordType,
    option_of,
)
from kumeo.frontend import tree
from kumeo.frontend.elaborate.arguments import Arguments, Parameter, Role, bind_arguments
from kumeo.frontend.elaborate.context import POISON, Context, is_poison
from kumeo.frontend.elaborate.declarations import Declared, text_parameter
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.flow import UnknownAgent
from kumeo.frontend.errors.sections import InvalidSection, InvalidSetting
from kumeo.frontend.errors.types import TypeMismatch

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEPT = ("format", "headers", "trusted", "privileged", "description")
"""Common parameters that the IR keeps as settings."""


CONNECTOR_COMMON = {
    "schema": Parameter(Role.TYPE, "the type of its payload"),
    "key": Parameter(Role.RAW, "the field that orders events"),
    "time": Parameter(Role.RAW, "the field that says when an event happened"),
    "format": text_parameter('the encoding, such as `"json"` or `"csv"`'),
    "headers": Parameter(Role.SETTINGS, "headers by name"),
    "trusted": Parameter(Role.BOOLEAN, "of a source: its data needs no check"),
    "privileged": Parameter(Role.BOOLEAN, "of a target: what reaches it must be checked"),
    "description": text_parameter("a note for people"),
}

CONNECTORS: Mapping[str, tuple[str, Mapping[str, Parameter]]] = {
    "NATS": (
        "subject",
        {
            "subject": text_parameter("the subject", is_required=True),
            "stream": text_parameter("an existing JetStream stream"),
            "durable": text_parameter("the name of an existing consumer"),
            "queue": text_parameter("the queue group"),
            "url": text_parameter("the server"),
            "strict": Parameter(Role.BOOLEAN, "whether order per key also holds across retries"),
        },
    ),
    "HTTP": (
        "path",
        {
            "path": text_parameter("the path or URL", is_required=True),
            "method": text_parameter("the method"),
            "port": Parameter(Role.INTEGER, "the port"),
            "timeout": Parameter(Role.DURATION, "how long a request may take"),
            "auth": Parameter(Role.SETTINGS, "credentials, as `secret(…)`"),
        },
    ),
    "Kafka": (
        "topic",
        {
            "topic": text_parameter("the topic", is_required=True),
            "brokers": Parameter(Role.SETTINGS, "broker addresses"),
            "group": text_parameter("the consumer group"),
            "auth": Parameter(Role.SETTINGS, "credentials, as `secret(…)`"),
        },
    ),
    "MQTT": (
        "topic",
        {
            "topic": text_parameter("the topic filter", is_required=True),
            "broker": text_parameter("the broker"),
            "qos": Parameter(Role.INTEGER, "the quality of service, 0 to 2"),
            "auth": Parameter(Role.SETTINGS, "credentials, as `secret(…)`"),
        },
    ),
    "Timer": (
        "every",
        {
            "every": Parameter(Role.SETTINGS, "a duration such as `5m`"),
            "cron": text_parameter("a cron expression"),
        },
    ),
    "File": (
        "path",
        {
            "path": text_parameter("the path", is_required=True),
            "watch": Parameter(Role.BOOLEAN, "whether to wait for more"),
        },
    ),
}


def declare_sources(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `source: NATS(…)`, several by name, or several in a list."""
    types: list[Attribute] = []
    for name, call in _connectors(ctx, section, "source"):
        arguments = _bind_connector(ctx, call)
        if arguments is None:
            continue
        kind = arguments.owner.lower()
        address, settings = _address(arguments)
        payload = _wire_type(ctx, _payload_type(ctx, arguments))
        symbol = declared.symbol(name or address)
        key, time = _key(ctx, arguments, payload), _time(ctx, arguments, payload)
        op = workflow.SourceOp(symbol, kind, address, payload, settings, key, time)
        ctx.add(op, call)
        declared.sources[symbol] = call.span
        types.append(payload)
    declared.source_type = _same_type(ctx, declared, types)


def _same_type(ctx: Context, declared: Declared, types: Sequence[Attribute]) -> Attribute:
    """Return the type of the event: one body reads all sources, so they give one type."""
    first = types[0] if types else JSON
    for place, kind in zip(declared.sources.values(), types, strict=True):
        if kind != first and not is_poison(kind) and not is_poison(first):
            left, right = (display(ctx.wire_types.get(t, t), ctx.types) for t in (first, kind))
            problem = f"one source gives `{left}`, another one `{right}`"
            fix = "give all sources one `schema`, or write two workflows"
            ctx.report(TypeMismatch(place, problem, f"this gives `{right}`", fix))
            return POISON
    return first


def declare_targets(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `target: NATS(…)`, several by name, or several in a list."""
    for name, call in _connectors(ctx, section, "target"):
        arguments = _bind_connector(ctx, call)
        address, settings = ("", {}) if arguments is None else _address(arguments)
        symbol = declared.symbol(name or address)
        if arguments is not None and arguments.owner == "Timer":
            ctx.report(InvalidSection(call.span, "target", "a connector that takes events"))
        elif arguments is not None:
            op = workflow.TargetOp(symbol, arguments.owner.lower(), address, settings)
            ctx.add(op, call)
        # The name of a faulty target is known all the same: one fault, one diagnostic.
        declared.target_symbols.append(symbol)
        for written in (name, symbol, address):
            if written:
                declared.targets.setdefault(written, symbol)


def _connectors(
    ctx: Context, section: tree.Section, owner: str
) -> list[tuple[str | None, tree.Call]]:
    """Return the connectors of a section with their names; a plain string is a NATS subject."""
    node = section.value
    if isinstance(node, tree.Program):
        return []
    if isinstance(node, tree.Object):
        return [
            (name, call)
            for name, pair in pairs_of(ctx, node).items()
            if (call := _connector(ctx, pair.value, owner)) is not None
        ]
    items = node.items if isinstance(node, tree.Array) else (node,)
    names = (None if isinstance(node, tree.Array) else owner for _ in items)
    pairs = ((name, _connector(ctx, item, owner)) for name, item in zip(names, items, strict=True))
    return [(name, call) for name, call in pairs if call is not None]


def _connector(ctx: Context, node: tree.Expr, owner: str) -> tree.Call | None:
    if isinstance(node, tree.Call):
        return node
    if isinstance(node, tree.String):
        argument = tree.Argument(node.span, None, node)
        return tree.Call(node.span, tree.Variable(node.span, "NATS"), (argument,))
    ctx.report(InvalidSection(node.span, owner, 'a connector such as `NATS("subject")`'))
    return None


def _bind_connector(ctx: Context, call: tree.Call) -> Arguments | None:
    name = call.callee.name if isinstance(call.callee, tree.Variable) else call.callee.span.text
    entry = CONNECTORS.get(name)
    if entry is None:
        known = ", ".join(CONNECTORS)
        fix = None if (close := nearest(name, CONNECTORS)) else f"the connectors are {known}"
        ctx.report(UnknownAgent(call.callee.span, name, close, fix))
        return None
    positional, parameters = entry
    return bind_arguments(ctx, name, call, {**parameters, **CONNECTOR_COMMON}, [positional])


def _address(arguments: Arguments) -> tuple[str, dict[str, Any]]:
    positional, parameters = CONNECTORS[arguments.owner]
    names = [n for n in (*parameters, *_KEPT) if n != positional]
    settings = arguments.settings(*names)
    address = arguments.constant(positional, "")
    if isinstance(address, str):
        return address, settings
    return "", {positional: address, **settings}


def _payload_type(ctx: Context, arguments: Arguments) -> Attribute:
    node = arguments.raw("schema")
    if arguments.owner == "Timer":
        return RecordType.of({"at": TIME})
    if node is None or isinstance(node, tree.Emit):
        return JSON
    kind = type_argument(ctx, node)
    if kind is None:
        ctx.report(InvalidSetting(node.span, "schema", "a type"))
        return POISON
    return kind


def _wire_type(ctx: Context, kind: Attribute) -> Attribute:
    """Return the type of an event as it arrives: a field with a default may be missing."""
    defaults = ctx.types.defaults_of(kind)
    if not defaults or not isinstance(kind, RecordType):
        return kind
    fields = zip(kind.names, kind.types, strict=True)
    wire = RecordType({n: option_of(t) if n in defaults else t for n, t in fields})
    ctx.wire_types[wire] = kind
    return wire


def _key(ctx: Context, arguments: Arguments, payload: Attribute) -> str | None:
    """Return the path below the event that orders it, such as `card.number`."""
    found = _field(arguments, "key", payload)
    if found is None:
        return None
    node, path, kind = found
    if kind is None or not all(_NAME.match(name) for name in path.split(".")):
        ctx.report(InvalidSetting(node.span, "key", "a field of the event"))
        return None
    return path


def _time(ctx: Context, arguments: Arguments, payload: Attribute) -> str | None:
    """Return the path below the event of the time at which it happened."""
    found = _field(arguments, "time", payload)
    if found is None:
        return None
    node, path, kind = found
    if is_poison(payload):
        return None
    if kind != TIME:
        ctx.report(InvalidSetting(node.span, "time", "a field of the event of type `timestamp`"))
        return None
    return path


def _field(
    arguments: Arguments, name: str, payload: Attribute
) -> tuple[tree.Expr | tree.Emit, str, Attribute | None] | None:
    """Return a reference to a field as its node, its path and its type, or None if not given.

    A key may go through optional values and JSON; a time may not, since every event needs one.
    """
    node = arguments.raw(name)
    if node is None:
        return None
    text = node.value if isinstance(node, tree.String) else node.span.text
    path = text.removeprefix("source.")
    kind: Attribute | None = payload
    for part in path.split("."):
        if name == "key" and isinstance(kind, OptionType):
            kind = kind.inner
        if name != "key" or (kind != JSON and kind != POISON):
            kind = kind.field(part) if isinstance(kind, RecordType) else None
    return node, path, kind
