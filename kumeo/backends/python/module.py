"""One Python module that is printed: its constants, its functions, its imports."""

import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Operation

from kumeo.backends.python.code import Expr, Lines, block_text, call, literal, mapping, name
from kumeo.backends.python.names import RESERVED, Names, constant, field_names, snake
from kumeo.backends.python.types import PROBLEM, Types
from kumeo.dialects import data
from kumeo.dialects.agent import StageEnd
from kumeo.dialects.data import RecordType

IMPORTS: Mapping[str, tuple[str, ...]] = {
    "typing": ("Literal", "TypeAlias"),
    "kumeo_runtime": ("functions as f",),
    "kumeo_runtime.activation": ("Activation",),
    "kumeo_runtime.flow": (
        *("NO_FAILURE", PROBLEM, "Raw", "held", "held_or_null", "keep", "no_case", "problem_of"),
        *("settled", "settled_map", "sure", "together"),
    ),
    "kumeo_runtime.meta": ("Message", "Meta"),
    "kumeo_runtime.agents.aggregate": ("Aggregate",),
    "kumeo_runtime.agents.base": ("Policy",),
    "kumeo_runtime.agents.bayes_net": ("BayesNet",),
    "kumeo_runtime.agents.database": ("Database",),
    "kumeo_runtime.agents.decide": ("Decide",),
    "kumeo_runtime.agents.knowledge_base": ("KnowledgeBase",),
    "kumeo_runtime.agents.language_model": ("LanguageModel",),
    "kumeo_runtime.agents.onnx_model": ("OnnxModel",),
    "kumeo_runtime.agents.infer_model": ("InferModel",),
    "kumeo_runtime.agents.resources": ("Secret",),
    "kumeo_runtime.agents.review": ("Review",),
    "kumeo_runtime.agents.user_code": ("UserCode",),
    "kumeo_runtime.llm.providers": ("Provider",),
    "kumeo_runtime.llm.tools": ("Tool",),
    "kumeo_runtime.spec": (
        *("Consumer", "Edge", "Handler", "Permission", "ServiceSpec", "Source", "StreamSizes"),
        *("Target", "Workflow"),
    ),
    "kumeo_runtime.values": ("Duration", "Failure", "Int", "Json", "Record", "Time"),
}
"""What printed code may import from outside of its package, by module."""


@dataclass(frozen=True)
class Symbols:
    """Names of the things that printed functions refer to, by symbol or site."""

    targets: Mapping[str, str] = field(default_factory=dict[str, str])
    edges: Mapping[str, str] = field(default_factory=dict[str, str])
    messages: Mapping[str, str] = field(default_factory=dict[str, str])
    agents: Mapping[str, str] = field(default_factory=dict[str, str])
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    modules: dict[str, str] = field(default_factory=dict[str, str])
    """In which module of the package each of these names stands."""


@dataclass
class Module:
    """What is known while a module is printed."""

    types: Types
    symbols: Symbols = field(default_factory=Symbols)
    names: Names = field(default_factory=lambda: Names(RESERVED))
    """Names of the module: functions and constants."""
    constants: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    functions: list[list[str]] = field(default_factory=list[list[str]])
    _known: dict[tuple[str, object], str] = field(default_factory=dict[tuple[str, object], str])

    def template(self, op: data.FormatOp) -> str:
        """Return the name of a template, declared at the top."""
        key = (op.template.data, op.names, tuple(value.type for value in op.values))
        found = self._known.get(("template", key))
        if found is not None:
            return found
        label = self._known["template", key] = self.names.fresh(constant(_label_of(op)))
        kinds = (self.types.of(value.type) for value in op.values)
        holes = mapping([(hole, Expr(kind)) for hole, kind in zip(op.names, kinds, strict=True)])
        self.constants[label] = _template_lines(label, op.template.data, holes)
        return label

    def reader(self, kind: Attribute) -> str:
        """Return the name of the cast from json to a type."""
        text = self.types.of(kind)
        return self._converter("FROM_JSON", f"f.FromJson[{text}]", f"f.FromJson({text})", text)

    def writer(self, kind: Attribute) -> str:
        """Return the name of the cast from a type to json."""
        text = self.types.of(kind)
        return self._converter("TO_JSON", "", f"f.ToJson({text})", text)

    def _converter(self, stem: str, annotation: str, made: str, of: str) -> str:
        key = (stem, of)
        if key not in self._known:
            label = self._known[key] = self.names.fresh(constant(f"{of} {stem}"))
            typed = f": {annotation}" if annotation else ""
            self.constants[label] = [f"{label}{typed} = {made}"]
        return self._known[key]

    def caster(self, source: RecordType, target: RecordType) -> str:
        """Return the name of the function that casts a record, where a field of it may fail."""
        key = ("cast", (source, target))
        if key not in self._known:
            wanted, given = self.types.class_of(target), self.types.class_of(source)
            label = self._known[key] = self.names.fresh(snake(f"{wanted} of {given}"))
            self.functions.append(self._caster_lines(label, source, target))
        return self._known[key]

    def _caster_lines(self, label: str, source: RecordType, target: RecordType) -> list[str]:
        from kumeo.backends.python.casts import cast_expr
        from kumeo.backends.python.literals import record_expr

        wanted, given = self.types.class_of(target), self.types.class_of(source)
        lines = Lines()
        lines.add(f"def {label}(value: {given}) -> {wanted} | Failure:")
        body = lines.inner()
        body.add(f'"""Return a `{given}` as a `{wanted}`."""')
        fields: dict[str, Expr] = {}
        attributes, scope = field_names(target.names), Names((*RESERVED, "value"))
        for part, kind in target.fields:
            found = source.field(part)
            base = name(f"value.{self.types.attribute_of(source, part)}") if found else None
            cast = (
                literal(None)
                if found is None or base is None
                else cast_expr(base, found, kind, self)
            )
            if cast.fails:
                local = scope.fresh(attributes[part])
                body.put(f"{local}: {self.types.failing(kind)} = ", cast)
                body.add(f"if isinstance({local}, Failure):")
                body.add(f"    return {local}")
                cast = name(local)
            fields[part] = cast
        body.put("return ", record_expr(target, fields, self))
        return [*lines.lines, *body.lines]

    def config_name(self, symbol: str) -> str:
        """Return the field of a configuration value."""
        return self.symbols.config.get(symbol, snake(symbol))

    def target(self, symbol: str) -> str:
        """Return the name of a target."""
        return self.symbols.targets[symbol]

    def agent(self, site: str) -> str:
        """Return the name of the agent of a site."""
        return self.symbols.agents[site]

    # -- the text

    def body_lines(self) -> list[str]:
        """Return constants and functions, two empty lines between them."""
        blocks = [line for lines in self.constants.values() for line in lines]
        result = list(blocks)
        for lines in self.functions:
            result += (["", ""] if result else []) + lines
        return result

    def import_lines(self, lines: list[str], package: str, own: str) -> list[str]:
        """Return the imports that the lines of the module `own` of a package need."""
        used = names_in("\n".join(lines))
        found: dict[str, set[str]] = {}
        for module, offered in IMPORTS.items():
            for each in offered:
                if each.rpartition(" ")[2] in used:
                    found.setdefault(module, set()).add(each)
        for symbol in used:
            module = "schemas" if symbol in self.types else self.symbols.modules.get(symbol)
            if module is not None and module != own:
                where = f"{package}.{module}" if package else module
                found.setdefault(where, set()).add(symbol)
        return list(_import_lines(found, package))


def _import_lines(found: Mapping[str, set[str]], package: str) -> Iterator[str]:
    """Yield the lines in the order of the formatter: library, runtime, own package."""

    def group(module: str) -> int:
        if module.startswith("kumeo_runtime"):
            return 1
        return 2 if package and module.startswith(package) else 0

    modules = sorted(found, key=lambda module: (group(module), module))
    last: int | None = None
    for module in modules:
        if last is not None and group(module) != last:
            yield ""
        last = group(module)
        yield from _from_import(module, sorted(found[module], key=_import_order))


def _import_order(symbol: str) -> tuple[int, str]:
    """Order as isort does: constants, classes, the rest."""
    rank = 0 if symbol.isupper() and len(symbol) > 1 else 1 if symbol[0].isupper() else 2
    return (rank, symbol)


def _from_import(module: str, symbols: list[str]) -> list[str]:
    flat = f"from {module} import {', '.join(symbols)}"
    if len(flat) <= 100:
        return [flat]
    return [f"from {module} import (", *(f"    {symbol}," for symbol in symbols), ")"]


def _label_of(op: data.FormatOp) -> str:
    """Return the name of a template: what reads its text, else `text`."""
    for use in op.result.uses:
        reader: Operation = use.operation
        found = reader.properties.get("id")
        if isinstance(found, StringAttr):
            return f"{found.data} prompt"
        if isinstance(reader, StageEnd):
            goes_to = next((e.target for e in reader.edges if op.result in e.values), None)
            return f"{(goes_to or '').removeprefix('run.')} text"
    return op.result.name_hint or "text"


def _template_lines(label: str, text: str, holes: Expr) -> list[str]:
    lines = Lines()
    block = block_text(text)
    if block is None:
        lines.put(f"{label} = ", call("f.Template", [literal(text), holes]))
        return lines.lines
    lines.add(f"{label} = f.Template(")
    lines.lines += [f"    {block[0]}", *block[1:-1], f"{block[-1]},"]
    inner = lines.inner()
    inner.put("", holes, ",")
    return [*lines.lines, *inner.lines, ")"]


_LINE_STARTS = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)


def names_in(text: str) -> set[str]:
    """Return the names that a piece of Python reads or binds; not those inside of its strings."""
    readline = io.StringIO(text + "\n").readline
    tokens = list(tokenize.generate_tokens(readline))
    found: set[str] = set()
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        opened = "" if before is None else before.string
        is_keyword = opened in ("(", ",", "") and after is not None and after.string == "="
        starts = before is None or before.type in _LINE_STARTS
        is_declared = starts and after is not None and after.string == ":"
        if token.type == tokenize.NAME and opened != "." and not (is_keyword or is_declared):
            found.add(token.string)
    return found
