"""Declarations of a workflow: sources, targets, models, contexts, configuration, secrets.

Each function reads one section and returns what later sections need to know about it; the ops go
to the context's current block, which is the body of the `workflow.workflow`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Span
from kumeo.dialects import workflow
from kumeo.dialects.data import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    ListType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.casts import join_types
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import signatures, tree
from kumeo.frontend.elaborate.arguments import Parameter, Role, bind_arguments
from kumeo.frontend.elaborate.context import POISON, Context, is_poison
from kumeo.frontend.elaborate.settings import pairs_of, plain
from kumeo.frontend.errors.sections import InvalidSection, InvalidSetting


@dataclass(frozen=True)
class Model:
    """A declared model with what its file says about itself."""

    symbol: str
    kind: str
    model: signatures.ModelSignature | None = None
    network: signatures.NetworkSignature | None = None


@dataclass(frozen=True)
class DeclaredContext:
    """A knowledge base, database or table."""

    symbol: str
    kind: str
    is_writable: bool = False
    """Whether a query may change a database."""
    row: Attribute | None = None
    """The type of a row of a table, if its author says it."""
    key: str | None = None
    """The column that identifies a row of a table."""
    columns: tuple[str, ...] = ()
    """The columns of a table that a row has."""

    def select(self, name: str) -> str:
        """Return the query for all rows of a table that its author calls `name`."""
        listed = ", ".join(map(self._read, self.columns)) or "*"
        return f"SELECT {listed} FROM {quoted(name)}"

    def cast(self, column: str) -> str:
        """Return a column as the type that its author says; a file says only what it looks like."""
        kind = self.row.field(column) if isinstance(self.row, RecordType) else None
        inner = kind.inner if isinstance(kind, OptionType) else kind
        name = None if inner is None else _SQL_TYPES.get(inner)
        return quoted(column) if name is None else f"CAST({quoted(column)} AS {name})"

    def _read(self, column: str) -> str:
        cast = self.cast(column)
        return cast if cast == quoted(column) else f"{cast} AS {quoted(column)}"


_SQL_TYPES: Mapping[Attribute, str] = {STR: "VARCHAR", FLOAT: "DOUBLE", BOOL: "BOOLEAN"}
"""Integers are left as they are: a cast would round `1.5`."""


def quoted(name: str) -> str:
    """Return a name as SQL takes any."""
    return '"' + name.replace('"', '""') + '"'


@dataclass
class Declared:
    """What the declarations of one workflow (and of its file) say, by the author's names."""

    source_type: Attribute = JSON
    sources: dict[str, Span] = field(default_factory=dict[str, Span])
    targets: dict[str, str] = field(default_factory=dict[str, str])
    """Names and subjects under which the author may write a target, to its symbol."""
    target_symbols: list[str] = field(default_factory=list[str])
    models: dict[str, Model] = field(default_factory=dict[str, Model])
    contexts: dict[str, DeclaredContext] = field(default_factory=dict[str, DeclaredContext])
    """What agents read, by name."""
    config: dict[str, tuple[str, Attribute]] = field(
        default_factory=dict[str, tuple[str, Attribute]]
    )
    """Configuration names to their symbols and types."""
    symbols: set[str] = field(default_factory=set[str])

    def symbol(self, wanted: str) -> str:
        """Return a symbol that nothing else in the workflow has, like `wanted`."""
        base = re.sub(r"\W", "_", wanted).strip("_") or "unnamed"
        name, count = base, 2
        while name in self.symbols:
            name, count = f"{base}_{count}", count + 1
        self.symbols.add(name)
        return name


def text_parameter(meaning: str, *, is_required: bool = False) -> Parameter:
    """Return a parameter that takes a constant string."""
    return Parameter(Role.TEXT, meaning, is_required)


_MODEL_KINDS = {
    "onnx": "onnx",
    "bayesian": "bayesian",
    "bayesian_network": "bayesian",
    "sklearn": "sklearn",
    "scikit-learn": "sklearn",
}


_SUFFIXES = {
    ".onnx": "onnx",
    ".bif": "bayesian",
    ".xmlbif": "bayesian",
    ".xml": "bayesian",
    ".skops": "sklearn",
    ".pkl": "sklearn",
    ".pickle": "sklearn",
    ".joblib": "sklearn",
}


def declare_models(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `models: { name: { file: "…", type: "…" }, other: "file.onnx" }`."""
    for name, pair in section_pairs(ctx, section).items():
        model = _model(ctx, declared, name, pair.value)
        if model is not None:
            declared.models[name] = model


def declare_model_file(
    ctx: Context, declared: Declared, path: tree.String, kind: str | None = None, name: str = ""
) -> Model | None:
    """Declare the model in a file that a section or an agent names; read its signature."""
    suffix = "." + path.value.rpartition(".")[2].lower()
    found = kind or _SUFFIXES.get(suffix)
    if found is None:
        known = ", ".join(sorted(_SUFFIXES))
        ctx.report(InvalidSetting(path.span, "file", f"a model file ({known})"))
        return None
    stem = path.value.rpartition("/")[2].rpartition(".")[0]
    symbol = declared.symbol(name or stem)
    ctx.add(workflow.ModelOp(symbol, found, ctx.path_of(path)), path)
    model, network = _signature(ctx, found, path)
    return Model(symbol, found, model, network)


def declare_config(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `config: { limit: 10.0, threshold: { value: 0.8, dynamic: true } }`."""
    for name, pair in section_pairs(ctx, section).items():
        node, is_dynamic = _config_value(pair.value)
        typed = constant_of(ctx, node, name)
        if typed is None:
            continue
        value, kind = typed
        symbol = declared.symbol(name if name not in declared.symbols else f"config_{name}")
        op = workflow.ConfigOp(symbol, to_attribute(value, kind), kind, is_dynamic)
        ctx.add(op, pair)
        declared.config[name] = (symbol, kind)


def declare_secrets(ctx: Context, declared: Declared, section: tree.Section) -> None:
    """Read `secrets: { key: "ENVIRONMENT_NAME" }`, or a list of environment names."""
    names: Iterable[tuple[str, tree.Expr]]
    if isinstance(section.value, tree.Array):
        names = ((i.value, i) for i in section.value.items if isinstance(i, tree.String))
    else:
        names = ((name, pair.value) for name, pair in section_pairs(ctx, section).items())
    for name, node in names:
        if isinstance(node, tree.String):
            ctx.add(workflow.SecretOp(declared.symbol(name), node.value), node)
        else:
            ctx.report(InvalidSection(node.span, name, "the name of an environment variable"))


def constant_of(ctx: Context, node: tree.Expr, name: str) -> tuple[Any, Attribute] | None:
    """Return the plain value and the data type of a constant, or None after a diagnostic."""
    before = len(ctx.diagnostics)
    plain(ctx, node, name)
    for call in _calls(node):
        expected = "a constant; a secret stands in `provider`, `nats` or a connector"
        ctx.report(InvalidSetting(call.span, name, expected))
    if len(ctx.diagnostics) != before:
        return None
    kind = _type_of(node)
    return _value_of(node, kind), kind


def _calls(node: tree.Expr) -> list[tree.Call]:
    """Return the calls inside a constant; `secret("NAME")` is the only one that gets here."""
    match node:
        case tree.Call():
            return [node]
        case tree.Array(items=items):
            return [call for item in items for call in _calls(item)]
        case tree.Object(pairs=pairs):
            return [call for pair in pairs for call in _calls(pair.value)]
        case _:
            return []


def _value_of(node: tree.Expr, kind: Attribute) -> Any:
    """Return the value of a constant in the form of a type; json holds durations as seconds."""
    match node, kind:
        case tree.Null(), _:
            return None
        case _, OptionType():
            return _value_of(node, kind.inner)
        case tree.Duration(), _:
            return node.value_us if kind == DURATION else node.value_us / 1_000_000
        case tree.Unary(operand=operand), _:
            return -_value_of(operand, kind)
        case tree.Array(items=items), _:
            part = kind.item if isinstance(kind, ListType) else JSON
            return [_value_of(item, part) for item in items]
        case tree.Object(pairs=pairs), _:
            values = {pair.key.text: pair.value for pair in pairs}
            if not isinstance(kind, RecordType):
                return {name: _value_of(value, JSON) for name, value in values.items()}
            null = tree.Null(node.span)
            return {name: _value_of(values.get(name, null), part) for name, part in kind.fields}
        case ((tree.Int() | tree.Float() | tree.String() | tree.Bool()), _):
            return float(node.value) if kind == FLOAT else node.value
        case _:
            raise AssertionError("`plain` lets only constants through")


def _type_of(node: tree.Expr) -> Attribute:
    match node:
        case tree.String():
            return STR
        case tree.Bool():
            return BOOL
        case tree.Int():
            return INT
        case tree.Float():
            return FLOAT
        case tree.Duration():
            return DURATION
        case tree.Unary(operand=operand):
            return _type_of(operand)
        case tree.Array(items=items):
            return ListType(one_type([_type_of(item) for item in items]))
        case tree.Object(pairs=pairs):
            return RecordType.of({pair.key.text: _type_of(pair.value) for pair in pairs})
        case _:
            return JSON


def one_type(types: Sequence[Attribute]) -> Attribute:
    """Return the type that all of these fit in, json when there is none."""
    if not types:
        return JSON
    if any(is_poison(kind) for kind in types):
        return POISON
    joined: Attribute | None = types[0]
    for kind in types[1:]:
        joined = None if joined is None else join_types(joined, kind)
    return JSON if joined is None else joined


def _config_value(node: tree.Expr) -> tuple[tree.Expr, bool]:
    if isinstance(node, tree.Object):
        pairs = {pair.key.text: pair.value for pair in node.pairs}
        dynamic = pairs.get("dynamic")
        if set(pairs) == {"value", "dynamic"} and isinstance(dynamic, tree.Bool):
            return pairs["value"], dynamic.value
    return node, False


def section_pairs(ctx: Context, section: tree.Section) -> dict[str, tree.Pair]:
    """Return the entries of a section that is an object; another value is a diagnostic."""
    if isinstance(section.value, tree.Object):
        return pairs_of(ctx, section.value)
    ctx.report(InvalidSection(section.value.span, section.key.text, "an object `{ name: … }`"))
    return {}


def _model(ctx: Context, declared: Declared, name: str, node: tree.Expr) -> Model | None:
    if isinstance(node, tree.String):
        return declare_model_file(ctx, declared, node, None, name)
    if isinstance(node, tree.Call):
        return declare_network(ctx, declared, name, node)
    if not isinstance(node, tree.Object):
        ctx.report(InvalidSection(node.span, name, "a model file or `{ file: …, type: … }`"))
        return None
    pairs = pairs_of(ctx, node)
    file = next((pairs[key].value for key in ("file", "path") if key in pairs), None)
    if not isinstance(file, tree.String):
        ctx.report(InvalidSection(node.span, name, '`file: "…"`'))
        return None
    return declare_model_file(ctx, declared, file, _model_kind(ctx, pairs), name)


def _model_kind(ctx: Context, pairs: Mapping[str, tree.Pair]) -> str | None:
    written = pairs.get("type")
    if written is None:
        return None
    text = written.value.value if isinstance(written.value, tree.String) else ""
    if text not in _MODEL_KINDS:
        known = ", ".join(f'`"{kind}"`' for kind in ("onnx", "bayesian", "sklearn"))
        ctx.report(InvalidSetting(written.value.span, "type", f"one of {known}"))
    return _MODEL_KINDS.get(text)


def declare_network(ctx: Context, declared: Declared, name: str, call: tree.Call) -> Model | None:
    """Declare the model of `BayesianNetwork("risk.bif")`."""
    parameters = {
        "file": Parameter(Role.TEXT, "the BIF or XMLBIF file", is_required=True),
        "description": text_parameter("a note for people"),
    }
    arguments = bind_arguments(ctx, "BayesianNetwork", call, parameters, ["file"])
    path = arguments.raw("file")
    if not isinstance(path, tree.String):
        return None
    return declare_model_file(ctx, declared, path, "bayesian", name)


def _signature(
    ctx: Context, kind: str, path: tree.String
) -> tuple[signatures.ModelSignature | None, signatures.NetworkSignature | None]:
    found: list[Diagnostic]
    data = ctx.read(path)
    if data is None:
        return None, None
    if kind == "bayesian":
        network, found = signatures.read_network(data, path.value, path.span)
        ctx.diagnostics.extend(found)
        return None, network
    if kind == "onnx":
        model, found = signatures.read_onnx(data, path.span)
    else:
        model, found = signatures.read_sklearn(data, path.value, path.span)
    ctx.diagnostics.extend(found)
    return model, None
