"""The common type of several values."""

from kumeo.frontend.elaborate.display import display
from kumeo.testing.expressions import expression, sample


def joined(*texts: str) -> tuple[str | None, list[str]]:
    made = sample()
    trees = [expression(text) for text in texts]
    values = [made.expressions.build(each, made.scope) for each in trees]
    kind = made.expressions.join(values, [each.span for each in trees], "x")
    shown = None if kind is None else display(kind, made.ctx.types)
    return shown, [each.code for each in made.ctx.diagnostics]


def test_join_int_and_float_is_float() -> None:
    assert joined("1", "2.5") == ("float", [])


def test_join_value_and_option_is_option() -> None:
    assert joined("source.name", "source.country") == ("string?", [])


def test_join_unrelated_types_is_reported() -> None:
    assert joined("1", '"a"', "true") == (None, ["branch-mismatch"])


def test_join_poison_reports_nothing_more() -> None:
    assert joined("1", "sorce") == (None, ["unknown-name"])
