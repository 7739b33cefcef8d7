"""Builds one expression or prompt in a scope with known values, for tests.

built = build("source.amount > config.limit")
built.kind    # "bool"
built.ir      # the operations, one a line
built.codes   # the codes of the diagnostics
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from xdsl.ir import Attribute, Block, SSAValue
from xdsl.printer import Printer

from kumeo.diagnostics import Diagnostic, Source, Span, in_order, render_text
from kumeo.dialects.data import FLOAT, STR, TIME
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context, Scope, is_poison
from kumeo.frontend.elaborate.expressions import Expressions
from kumeo.frontend.elaborate.prompts import build_prompt
from kumeo.frontend.elaborate.types import declare_types, display, resolve_type
from kumeo.frontend.parser import parse, parse_expression

DECLARATIONS = """
enum Level { low, medium, high }
schema Item { sku: string, price: float, note: string?, ok: bool }
schema Verdict { level: Level, reason: string = "none", score: float? }
schema Order {
  name: string, count: int, amount: float, flag: bool, at: timestamp, age: duration,
  level: Level, blob: bytes, raw: json, item: Item, items: [Item], tags: [string],
  scores: {string: float}, country: string?, maybe: Item?, sure: bool?, few: [int]?
}
"""


class NoFiles:
    """A world without files."""

    def read(self, path: str) -> bytes | None:
        """Return None: every file is missing."""
        return None


class SampleScope(Scope):
    """`source`, `assess`, `config.limit`, `context.policies` and `now()`."""

    def __init__(self, block: Block, ctx: Context) -> None:
        super().__init__()
        source, assess, limit, policies, now = block.args
        self.bind("source", source)
        self.bind("assess", assess)
        self._config = {"limit": limit}
        self._context = {"policies": policies}
        self._now = now
        for name, value in {"source": source, "assess": assess, "limit": limit, "now": now}.items():
            value.name_hint = name
        policies.name_hint = "policies"

    def config(self, name: str) -> SSAValue | None:
        """Return an entry of `config`."""
        return self._config.get(name)

    def config_names(self) -> Mapping[str, Attribute]:
        """Return the types of the entries of `config`."""
        return {name: value.type for name, value in self._config.items()}

    def context(self, name: str, at: Span) -> SSAValue | None:
        """Return an entry of `context`."""
        return self._context.get(name)

    def context_names(self) -> tuple[str, ...]:
        """Return the entries of `context`."""
        return tuple(self._context)

    def now(self) -> SSAValue:
        """Return the time of the activation."""
        return self._now


@dataclass
class Sample:
    """A context with the sample declarations, and a block with the sample values."""

    ctx: Context
    block: Block
    scope: Scope
    expressions: Expressions


@dataclass(frozen=True)
class Built:
    """What became of an expression."""

    kind: str
    ir: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics in order of position."""
        return [diagnostic.code for diagnostic in self.diagnostics]

    @property
    def messages(self) -> str:
        """The diagnostics as the user sees them."""
        return render_text(self.diagnostics)

    @property
    def helps(self) -> list[str | None]:
        """The help lines."""
        return [diagnostic.help() for diagnostic in self.diagnostics]

    @property
    def carets(self) -> list[str]:
        """The text under the carets of each diagnostic."""
        places = [diagnostic.place for diagnostic in self.diagnostics]
        return [place.text for place in places if isinstance(place, Span)]


def declare(text: str) -> Context:
    """Return a context with the schemas and enums of a file."""
    items = parse(Source("types.kumeo", text)).tree.items
    ctx = Context(NoFiles())
    schemas = [item for item in items if isinstance(item, tree.Schema)]
    enums = [item for item in items if isinstance(item, tree.Enum)]
    declare_types(ctx, schemas, enums, {})
    return ctx


def sample() -> Sample:
    """Return the sample scope, with nothing built yet."""
    ctx = declare(DECLARATIONS)
    named = ctx.types.by_name
    block = Block(arg_types=[named["Order"], named["Verdict"], FLOAT, STR, TIME])
    ctx.block = block
    return Sample(ctx, block, SampleScope(block, ctx), Expressions(ctx))


def build(text: str, expected: str | None = None) -> Built:
    """Build an expression, as the type `expected` if that is given."""
    made = sample()
    wanted = None if expected is None else _type(made.ctx, expected)
    expr = expression(text)
    value = made.expressions.build(expr, made.scope, wanted)
    return _result(made, value)


def build_condition(text: str) -> Built:
    """Build a condition."""
    made = sample()
    return _result(made, made.expressions.condition(expression(text), made.scope))


def build_template(text: str, *, raw: bool = True) -> Built:
    """Build a prompt."""
    made = sample()
    value = build_prompt(made.ctx, made.expressions, _string(text, raw), made.scope)
    return _result(made, value)


def expression(text: str) -> tree.Expr:
    """Return the tree of an expression; raise ValueError if it is none."""
    expr, diagnostics = parse_expression(_string(text, raw=True))
    if expr is None or diagnostics:
        raise ValueError(render_text(diagnostics))
    return expr


def _type(ctx: Context, text: str) -> Attribute:
    items = parse(Source("type.kumeo", f"schema T {{ x: {text} }}")).tree.items
    schema = items[0]
    assert isinstance(schema, tree.Schema), "one schema is written above"
    return resolve_type(ctx, schema.fields[0].type)


def _string(text: str, raw: bool) -> tree.String:
    quotes = '"""' if raw else '"'
    source = Source("test.kumeo", f"{quotes}{text}{quotes}")
    written = parse_literal(source)
    return tree.String(Span(source, 0, len(source.text)), written, raw)


def parse_literal(source: Source) -> str:
    """Return the value of the string that a source consists of."""
    from kumeo.frontend.literals import decode_escapes, dedent

    if source.text.startswith('"""'):
        return dedent(source.text[3:-3]).value
    return decode_escapes(source.text[1:-1]).value


def _result(made: Sample, value: SSAValue) -> Built:
    diagnostics = tuple(in_order(made.ctx.diagnostics))
    for op in made.block.walk():
        if not is_poison(value):
            op.verify_()
    stream = StringIO()
    printer = Printer(stream)
    for argument in made.block.args:
        printer.print_ssa_value(argument)
    stream.truncate(0)
    stream.seek(0)
    for op in made.block.ops:
        printer.print_op(op)
        stream.write("\n")
    kind = "poison" if is_poison(value) else display(value.type, made.ctx.types)
    return Built(kind, stream.getvalue(), diagnostics)
