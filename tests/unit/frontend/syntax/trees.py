"""Random syntax trees, and a comparison that leaves out places."""

from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from kumeo.diagnostics import Source, Span
from kumeo.frontend import tree
from kumeo.frontend.literals import dedent, duration_us

NOWHERE = Span(Source("", ""), 0, 0)
_ANYWHERE = ("test", "agent", "to", "catch", "agents", "schema", "source", "x", "y1", "_z")
_WORDS = (*_ANYWHERE, "if", "for", "match", "true", "null", "else")
_OPERATOR_WORDS = ("and", "or", "in", "not")
_PLAIN = tree.BinaryOperator.__args__


def shape(value: Any) -> Any:
    """A tree without places, and without the difference of `name: value` and `name = value`."""
    if isinstance(value, tree.Node):
        names = [f.name for f in fields(value) if f.name not in ("span", "equals")]
        return (type(value).__name__, *(shape(getattr(value, name)) for name in names))
    if isinstance(value, tuple):
        return tuple(shape(item) for item in value)
    return value


def at(kind: Any, *parts: Any) -> Any:
    """A strategy for a node: strategies become its parts, other values stay."""
    made = [part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts]
    return st.builds(lambda *values: kind(NOWHERE, *values), *made)


def some(strategy: Any, least: int = 0, most: int = 3) -> Any:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


names = st.sampled_from(_ANYWHERE)
name = at(tree.Name, names.filter(lambda text: text not in ("agents", "schema", "test")))
label = at(tree.Name, st.sampled_from(_WORDS))
word = at(tree.Name, st.sampled_from(_WORDS + _OPERATOR_WORDS))
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
raw_text = st.text(st.sampled_from(' \n\t"abx{'), max_size=20).filter(
    lambda value: '"""' not in value and not value.endswith('"')
)
string = at(tree.String, text)
raw_string = at(tree.String, raw_text.map(lambda value: dedent(value).value), True)
number = at(tree.Int, st.integers(0, 10**20))
decimals = st.floats(0, 1e30).map(repr).filter(lambda digits: "." in digits)
real = decimals.map(lambda digits: tree.Float(NOWHERE, float(digits), digits))
durations = st.sampled_from(("10s", "1.5h", "250ms", "0m", "7d"))
duration = durations.map(lambda written: tree.Duration(NOWHERE, duration_us(written) or 0, written))
leaf = st.one_of(
    *(string, raw_string, number, real, duration, at(tree.Null)),
    at(tree.Variable, names),
    at(tree.Bool, st.booleans()),
)

types = st.recursive(
    at(tree.NamedType, st.sampled_from(("string", "int", "T"))),
    lambda inner: st.one_of(
        at(tree.ListType, inner),
        at(tree.MapType, name, inner),
        inner.filter(lambda t: not isinstance(t, tree.OptionalType)).flatmap(
            lambda t: at(tree.OptionalType, t)
        ),
    ),
    max_leaves=3,
)


def _compound(inner: Any) -> Any:
    quoted = at(tree.Pair, at(tree.Name, text), inner, True)
    pair = at(tree.Pair, label, inner) | quoted
    emit = at(tree.Emit, inner, inner)
    positional = at(tree.Argument, None, inner)
    named = at(tree.Argument, word, inner | emit, st.booleans())
    generator = at(tree.Comprehension, inner, name, inner, st.none() | inner, False)
    arguments = some(positional | named) | at(tree.Argument, None, generator).map(lambda a: (a,))
    return st.one_of(
        at(tree.Object, some(pair)),
        at(tree.Array, some(inner)),
        at(tree.Comprehension, inner, name, inner, st.none() | inner),
        at(tree.Get, inner, word, st.booleans()),
        at(tree.Index, inner, inner),
        at(tree.Call, inner, arguments),
        at(tree.Unary, st.sampled_from(("-", "not")), inner),
        at(tree.Binary, st.sampled_from(_PLAIN), inner, inner),
        at(tree.Optional, inner),
    )


expressions = st.recursive(leaf, _compound, max_leaves=8)
small = st.recursive(leaf, _compound, max_leaves=3)
argument = at(tree.Argument, None, small) | at(tree.Argument, word, small)
agent_call = at(tree.Call, at(tree.Variable, st.just("LLM")), some(argument))
simple = st.one_of(agent_call, at(tree.Bind, name, small | agent_call), at(tree.Emit, small, small))


def _nested(inner: Any) -> Any:
    block = at(tree.Block, some(inner))
    loop = at(tree.For, name, small, block)
    pattern = st.one_of(number, string, at(tree.Variable, names), at(tree.Unary, "-", number))
    cases = at(tree.Case, some(pattern, 1, 2), block) | at(tree.Case, (), block, True)
    choice = at(tree.If, small, block, st.none() | block)
    return st.one_of(
        choice,
        at(tree.If, small, block, choice),
        loop,
        at(tree.Bind, name, loop),
        at(tree.Match, small, some(cases)),
        at(tree.Parallel, block),
        at(tree.Try, block, name, block),
    )


statements = st.recursive(simple, _nested, max_leaves=4)
programs = at(tree.Program, some(statements))
section = at(tree.Section, at(tree.Name, st.just("agents")), programs) | at(
    tree.Section, at(tree.Name, st.sampled_from(("source", "if", "test", "given"))), expressions
)
body = at(tree.Body, some(section))
settings = at(tree.Object, some(at(tree.Pair, label, small)))
items = st.one_of(
    at(tree.Import, string, st.none() | name),
    at(tree.Schema, name, some(at(tree.Field, label, types, st.none() | small))),
    at(tree.Enum, name, some(word, 1)),
    at(tree.Provider, name, settings),
    at(tree.AgentDeclaration, name, some(at(tree.Parameter, word, types)), types, settings),
    at(tree.Workflow, name, body),
    at(tree.Subworkflow, name, body),
    at(tree.Integration, body),
    at(tree.Test, string, name, body),
)
files = at(tree.File, some(items, 1))
