"""What conditions say about null."""

import pytest
from xdsl.ir import Block, SSAValue

from kumeo.dialects.data import STR
from kumeo.frontend.elaborate.context import IsolatedScope, Scope
from kumeo.frontend.elaborate.narrowing import facts, path_of
from kumeo.testing.expressions import build, expression, sample

FACTS = {
    ("a != null", True): {"a"},
    ("a == null", False): {"a"},
    ("a == null", True): set(),
    ("a != null", False): set(),
    ("null != a", True): {"a"},
    ("not (a == null)", True): {"a"},
    ("not not (a != null)", True): {"a"},
    ("a != null and b != null", True): {"a", "b"},
    ("a != null and b != null", False): set(),
    ("a == null or b == null", False): {"a", "b"},
    ("a != null or b != null", True): set(),
    ("a.b.c != null", True): {"a", "a.b", "a.b.c"},
    ("a?.b != null", True): {"a", "a.b"},
    ('a == "x"', True): {"a"},
    ('a == "x"', False): set(),
    ('a != "x"', False): {"a"},
    ('a != "x"', True): set(),
    ("a == b", True): set(),
    ("a > 3", True): set(),
}


@pytest.mark.parametrize(("text", "truth"), FACTS)
def test_facts_condition_proves_paths(text: str, truth: bool) -> None:
    assert facts(expression(text), truth) == FACTS[text, truth]


KNOWN = [
    'source.country != null and source.country > "a"',
    'source.country == null or source.country > "a"',
    'not (source.country == null) and source.country > "a"',
    'source.country == "CL" and source.country > "a"',
    "source.maybe != null and source.maybe.price > 1",
    'source.maybe?.note != null and source.maybe.note > "a"',
    "any(i.note > 'a' for i in source.items if i.note != null)",
    "[len(i.note) for i in source.items if i.note != null]",
    "source.few != null and all(x > 1 for x in source.few)",
    "source.country != null and any(t == source.country + 'x' for t in source.tags)",
]


@pytest.mark.parametrize("text", KNOWN)
def test_build_after_null_check_value_exists(text: str) -> None:
    assert build(text).codes == []


UNKNOWN = [
    'source.country > "a" and source.country != null',
    'source.country != null or source.country > "a"',
    "source.maybe != null and source.country > 'a'",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_build_without_proof_null_is_reported(text: str) -> None:
    assert build(text).codes == ["null-not-handled"]


def test_narrowed_scope_unwraps_inside_the_branch() -> None:
    made = sample()
    branch = Block()
    with made.ctx.inside(branch):
        scope = made.expressions.narrowed(expression("source.country != null"), made.scope, True)
        value = made.expressions.build(expression("source.country"), scope)
    assert [op.name for op in branch.ops] == ["data.get", "data.unwrap"]
    assert value.owner is branch.last_op


def test_narrowed_scope_without_facts_is_the_same_scope() -> None:
    made = sample()
    assert made.expressions.narrowed(expression("true"), made.scope, True) is made.scope


def test_narrowed_value_enters_an_isolated_region_as_argument() -> None:
    made = sample()
    scope = made.expressions.narrowed(expression("source.country != null"), made.scope, True)
    region = Block()
    isolated = IsolatedScope(scope, region)
    with made.ctx.inside(region):
        value = made.expressions.build(expression("source.country"), isolated)
    assert value in region.args
    assert [op.name for op in made.block.ops] == ["data.get", "data.unwrap"]


def test_path_of_optional_field_is_the_same_path() -> None:
    assert path_of(expression("a?.b.c")) == "a.b.c"


def test_path_of_index_is_none() -> None:
    assert path_of(expression("a[0].b")) is None


class Channels(Scope):
    """A scope in which the path `validated.tx` stands for a value, as in files of version 0.1."""

    def refined(self, path: str) -> SSAValue | None:
        """Return the value of the one known path."""
        return self.find("source") if path == "validated.tx" else super().refined(path)


def test_build_path_that_a_scope_knows_is_its_value() -> None:
    made = sample()
    scope = Channels(made.scope)
    value = made.expressions.build(expression("validated.tx.item.sku"), scope)
    assert (value.type, made.ctx.diagnostics) == (STR, [])


def test_build_enum_value_of_imported_file_is_known_by_its_alias() -> None:
    made = sample()
    made.ctx.aliases = frozenset({"types"})
    value = made.expressions.build(expression("types.Level.high"), made.scope)
    assert value.type == made.ctx.types.by_name["Level"]
