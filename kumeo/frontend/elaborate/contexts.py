"""The section `context`: knowledge bases, databases and tables that agents read.

    context: { rules: KnowledgeBase("rules/*.md"), prices: Table("prices.csv", schema: Price) }

A table whose rows have a type is a list of them wherever it is read; what can be seen of its file
is checked against that type.
"""

from collections.abc import Mapping
from typing import Any

from xdsl.ir import Attribute

from kumeo.diagnostics import nearest
from kumeo.dialects import workflow
from kumeo.dialects.data import RecordType, is_nullable
from kumeo.frontend import tree
from kumeo.frontend.elaborate.arguments import Arguments, Parameter, Role, bind_arguments
from kumeo.frontend.elaborate.context import Context, is_poison
from kumeo.frontend.elaborate.declarations import (
    Declared,
    DeclaredContext,
    declare_network,
    section_pairs,
    text_parameter,
)
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.flow import UnknownAgent
from kumeo.frontend.errors.sections import InvalidSection, InvalidSetting
from kumeo.frontend.signatures.table_rows import check_rows, columns_of

_NOTE = text_parameter("a note for people")

CONTEXTS: Mapping[str, tuple[str, str, Mapping[str, Parameter]]] = {
    "KnowledgeBase": (
        "knowledge",
        "path",
        {
            "path": Parameter(Role.SETTINGS, "files, as a path with `*`", is_required=True),
            "top": Parameter(Role.INTEGER, "how many passages a query returns"),
            "chunk": Parameter(Role.INTEGER, "characters in a passage"),
            "embedder": text_parameter("an ONNX embedding model"),
            "description": _NOTE,
        },
    ),
    "Database": (
        "database",
        "url",
        {
            "url": Parameter(Role.SETTINGS, "where it is", is_required=True),
            "read_only": Parameter(Role.BOOLEAN, "whether writing is refused; `true` if left out"),
            "description": _NOTE,
        },
    ),
    "Table": (
        "table",
        "path",
        {
            "path": text_parameter("a CSV or Parquet file", is_required=True),
            "schema": Parameter(Role.TYPE, "the type of a row"),
            "key": text_parameter("the column that identifies a row"),
            "description": _NOTE,
        },
    ),
}
"""Kind in the IR, positional parameter and parameters, by name."""
_SUFFIXES = (".csv", ".parquet")
_WILD = frozenset("*?[")
_COUNTS = ("top", "chunk")


def declare_contexts(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `context: { policies: KnowledgeBase("…"), risk: BayesianNetwork("…") }`."""
    for name, pair in section_pairs(ctx, section).items():
        if isinstance(pair.value, tree.Call):
            _context(ctx, declared, name, pair.value)
        else:
            expected = 'a context such as `KnowledgeBase("docs/*.md")`'
            ctx.report(InvalidSection(pair.value.span, name, expected))


def declare_tables(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read the draft's `data: { limits: "limits.csv" }` as tables."""
    for name, pair in section_pairs(ctx, section).items():
        if isinstance(pair.value, tree.String):
            symbol = declared.symbol(name)
            settings = {} if symbol == name else {"name": name}
            ctx.add(workflow.ContextOp(symbol, "table", pair.value.value, settings), pair)
            declared.contexts[name] = DeclaredContext(symbol, "table")
        else:
            ctx.report(InvalidSection(pair.value.span, name, "the path of a table"))


def _context(ctx: Context, declared: Declared, name: str, call: tree.Call) -> None:
    written = call.callee.name if isinstance(call.callee, tree.Variable) else ""
    if written == "BayesianNetwork":
        model = declare_network(ctx, declared, name, call)
        if model is not None:
            declared.models[name] = model
        return
    entry = CONTEXTS.get(written)
    if entry is None:
        known = (*CONTEXTS, "BayesianNetwork")
        fix = f"the contexts are {', '.join(known)}"
        close = nearest(written, known)
        ctx.report(UnknownAgent(call.callee.span, written, close, fix))
        entry = CONTEXTS.get(close or "")
    if entry is None:
        return
    kind, positional, parameters = entry
    arguments = bind_arguments(ctx, written, call, parameters, [positional])
    address = arguments.constant(positional, "")
    settings = arguments.settings(*(n for n in parameters if n not in (positional, "schema")))
    if not isinstance(address, str):
        address, settings = "", {positional: address, **settings}
    _check_counts(ctx, arguments, settings)
    symbol = declared.symbol(name)
    if kind == "table" and symbol != name:
        settings["name"] = name
    ctx.add(workflow.ContextOp(symbol, kind, address, settings), call)
    if kind == "table":
        declared.contexts[name] = _table(ctx, arguments, symbol, address)
        return
    is_writable = settings.get("read_only") is False
    declared.contexts[name] = DeclaredContext(symbol, kind, is_writable)


def _check_counts(ctx: Context, arguments: Arguments, settings: Mapping[str, Any]) -> None:
    for name in _COUNTS:
        node, value = arguments.raw(name), settings.get(name)
        if node is not None and isinstance(value, int) and value < 1:
            ctx.report(InvalidSetting(node.span, name, "an integer above 0"))


def _table(ctx: Context, arguments: Arguments, symbol: str, path: str) -> DeclaredContext:
    """Return a table with the type of its rows, checked against the columns of its file."""
    place = arguments.raw("path")
    if place is not None and not path.lower().endswith(_SUFFIXES):
        ctx.report(InvalidSetting(place.span, "path", "a file that ends in `.csv` or `.parquet`"))
    elif place is not None and not _WILD.isdisjoint(path):
        ctx.report(InvalidSetting(place.span, "path", "the path of one file"))
    content = ctx.files.read(path) if path.lower().endswith(".csv") else None
    columns = () if content is None else columns_of(content)
    key = arguments.constant("key")
    _check_key(ctx, arguments, columns, key)
    row = _row(ctx, arguments, path, columns)
    names = row.names if isinstance(row, RecordType) else ()
    if content is not None and isinstance(row, RecordType) and place is not None:
        for fault in check_rows(content, path, place.span, row):
            ctx.report(fault)
    read = tuple(name for name in names if not columns or name in columns)
    return DeclaredContext(symbol, "table", False, row, key, read)


def _row(
    ctx: Context, arguments: Arguments, path: str, columns: tuple[str, ...]
) -> Attribute | None:
    node = arguments.raw("schema")
    if node is None:
        return None
    kind = None if isinstance(node, tree.Emit) else type_argument(ctx, node)
    if kind is not None and is_poison(kind):
        return kind
    if not isinstance(kind, RecordType):
        ctx.report(InvalidSetting(node.span, "schema", "the type of a record"))
        return None
    fields = zip(kind.names, kind.types, strict=True)
    missing = [n for n, t in fields if n not in columns and not is_nullable(t)]
    if columns and missing:
        expected = f"a type whose fields are columns of `{path}`: `{missing[0]}` is none,"
        ctx.report(InvalidSetting(node.span, "schema", expected))
    return kind


def _check_key(
    ctx: Context, arguments: Arguments, columns: tuple[str, ...], key: str | None
) -> None:
    node = arguments.raw("key")
    if node is not None and columns and key not in columns:
        expected = f"one of the columns {', '.join(f'`{each}`' for each in columns)}"
        ctx.report(InvalidSetting(node.span, "key", expected))
