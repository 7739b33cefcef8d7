"""The modules of a package that hold values only: schemas, endpoints, edges, agents."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, cast

from kumeo.backends.python.code import Expr, Lines, call, listing, literal, mapping, quoted, tupled
from kumeo.backends.python.module import names_in
from kumeo.backends.python.names import field_names
from kumeo.backends.python.types import Types, default_of, literal_of
from kumeo.dialects.data import EnumType, JsonType, RecordType
from kumeo.dialects.messaging import EdgeOp
from kumeo.dialects.workflow import ConfigOp


def data_expr(value: Any) -> Expr:
    """Return plain data as an expression; a mapping becomes a dict, a tuple stays one."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Mapping):
        entries = cast(Mapping[str, Any], value)
        return mapping([(key, data_expr(item)) for key, item in entries.items()])
    if isinstance(value, tuple):
        parts = cast(tuple[Any, ...], value)
        return tupled([data_expr(item) for item in parts]) if parts else Expr("()")
    if isinstance(value, list):
        return listing([data_expr(item) for item in cast(list[Any], value)])
    return literal(value)


def made(kind: str, fields: Mapping[str, Any]) -> Expr:
    """Return the call of a class with named arguments; those that are None are left out."""
    named = [(key, data_expr(value)) for key, value in fields.items() if value is not None]
    return call(kind, (), named)


def assigned(label: str, value: Expr, annotation: str = "") -> list[str]:
    """Return `LABEL = value` as lines."""
    lines = Lines()
    typed = f": {annotation}" if annotation else ""
    lines.put(f"{label}{typed} = ", value)
    return lines.lines


# -- schemas


def schema_lines(types: Types, messages: Sequence[tuple[str, EdgeOp]], used: Set[str]) -> list[str]:
    """Return the enums, the records and the messages of a workflow.

    `used` are the names that other modules read. What nobody reads is left out, unless it is a type
    of the author.
    """
    bodies = [_message_lines(types, name, edge) for name, edge in messages]
    wanted = {*used, *types.given.values(), *_names_of(bodies)}
    records: list[list[str]] = []
    for name, kind in reversed(list(types.declared())):  # What a class needs stands before it.
        if name in wanted:
            records.insert(0, _record_lines(types, name, kind))
            wanted |= _names_of(records[:1])
    enums = [line for k, name in types.enums.items() if name in wanted for line in _enum(name, k)]
    return separated([block for block in (enums, *records, *bodies) if block])


def _names_of(blocks: Sequence[Sequence[str]]) -> set[str]:
    return {name for block in blocks for name in names_in("\n".join(block))}


def separated(blocks: Sequence[Sequence[str]]) -> list[str]:
    """Return blocks of lines with two empty lines between them."""
    result: list[str] = []
    for block in blocks:
        result += (["", ""] if result else []) + list(block)
    return result


def _enum(name: str, kind: EnumType) -> list[str]:
    flat = f"{name}: TypeAlias = {literal_of(kind)}"
    if len(flat) <= 100:
        return [flat]
    inner = ", ".join(map(quoted, kind.names))
    if len(inner) <= 96:
        return [f"{name}: TypeAlias = Literal[", f"    {inner}", "]"]
    return [f"{name}: TypeAlias = Literal[", *(f"    {quoted(n)}," for n in kind.names), "]"]


def _record_lines(types: Types, name: str, kind: RecordType) -> list[str]:
    renamed = {
        types.attribute_of(kind, part): part
        for part in kind.names
        if types.attribute_of(kind, part) != part
    }
    options = [("kw_only", literal(True))]
    if renamed:
        options.append(("rename", data_expr(renamed)))
    lines = Lines()
    lines.put("", call(f"class {name}", [Expr("Record")], options), ":")
    body = lines.inner()
    body.add('"""' + _about(kind) + '"""')
    body.add()
    for part, wanted in kind.fields:
        annotation = types.in_schema(kind, part, wanted)
        default = ' = Raw(b"null")' if annotation == "Raw" else default_of(wanted)
        body.add(f"{types.attribute_of(kind, part)}: {annotation}{default}")
    return [*lines.lines, *body.lines]


def _about(kind: RecordType) -> str:
    shown = ", ".join(kind.names)
    text = f"Holds {shown}." if len(shown) <= 70 else f"Holds {len(kind.names)} fields."
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _message_lines(types: Types, name: str, edge: EdgeOp) -> list[str]:
    lines = [
        f"class {name}(Message):",
        f'    """The body of the edge `{edge.symbol}`."""',
    ]
    attributes = field_names(item.name for item in edge.fields)
    fields: list[str] = []
    for item in edge.fields:
        text = types.of(item.type)
        is_null = (
            item.may_fail and not text.endswith(" | None") and not isinstance(item.type, JsonType)
        )
        fields.append(f"    {attributes[item.name]}: {text}{' | None' if is_null else ''}")
    return [*lines, *(["", *fields] if fields else [])]


def config_lines(
    types: Types, entries: Mapping[str, ConfigOp], defaults: Mapping[str, Expr]
) -> list[str]:
    """Return the class of the configuration, with its defaults."""
    lines = ["class Config(Record, kw_only=True):", '    """What an operator may set."""', ""]
    for label, entry in entries.items():
        lines.append(f"    {label}: {types.of(entry.type)} = {defaults[label].text}")
    return lines


# -- edges


def edge_lines(label: str, op: EdgeOp, message: str) -> list[str]:
    """Return the declaration of an edge."""
    fields = {
        "name": op.symbol,
        "token": op.text("token") or op.symbol,
        "message": Expr(message),
        "codec": op.text("codec") if op.text("codec") == "json" else None,
        "partitions": op.number("partitions"),
        "is_parked": True if op.is_parked else None,
        "carries_event": None if op.carries_event is not None else False,
        "layout": op.text("layout"),
    }
    return assigned(label, made("Edge", fields))
