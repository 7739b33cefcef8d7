"""Options of passes: the values that fit a field, and the messages for those that do not."""

from dataclasses import dataclass
from typing import Literal

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from kumeo.diagnostics import Diagnostic, Source
from kumeo.passes.options import describe_type, make_pass
from kumeo.passes.pipeline import PassItem, parse_pipeline


@dataclass(frozen=True)
class OptionsPass(ModulePass):
    name = "options"

    count: int = 0
    share: float = 0.0
    label: str = ""
    deep: bool = False
    kind: Literal["fast", "small"] = "fast"
    sizes: tuple[int, ...] = ()
    limit: int | None = 5
    pair: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count must not be negative")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        raise AssertionError("never run")


@dataclass(frozen=True)
class RequiredPass(ModulePass):
    name = "required"

    level_name: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        raise AssertionError("never run")


def make(cls: type[ModulePass], text: str) -> tuple[ModulePass | None, tuple[Diagnostic, ...]]:
    (item,), _ = parse_pipeline(Source("p", text))
    assert isinstance(item, PassItem)
    return make_pass(cls, item)


def value_of(text: str, field: str) -> object:
    made, found = make(OptionsPass, f"options{{{text}}}")
    assert found == ()
    return getattr(made, field)


def complaint(text: str, cls: type[ModulePass] = OptionsPass) -> tuple[str, str, str | None]:
    made, (found,) = make(cls, text)
    assert made is None
    return found.code, found.headline, found.help()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("count=3", "count", 3),
        ("share=2", "share", 2.0),
        ("share=inf", "share", float("inf")),
        ("label=word", "label", "word"),
        ("label=12", "label", "12"),
        ("deep", "deep", True),
        ("deep=false", "deep", False),
        ("kind=small", "kind", "small"),
        ("sizes=1", "sizes", (1,)),
        ("sizes=1,2", "sizes", (1, 2)),
        ("sizes", "sizes", ()),
        ("limit", "limit", None),
        ("limit=7", "limit", 7),
        ("pair=1,a", "pair", (1, "a")),
    ],
)
def test_make_pass_value_that_fits(text: str, field: str, value: object) -> None:
    made = value_of(text, field)
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("count=a", "wants a whole number, not `a`"),
        ("count=1.5", "wants a whole number, not `1.5`"),
        ("count=true", "wants a whole number, not `true`"),
        ("count=1,2", "wants a whole number, not `1,2`"),
        ("count", "wants a whole number, not nothing"),
        ("share=x", "wants a number, not `x`"),
        ("share=nan", "wants a number, not `nan`"),
        ("deep=1", "wants true or false, not `1`"),
        ("kind=big", "wants one of `fast`, `small`, not `big`"),
        ("sizes=1,a", "wants a list of a whole number, not `1,a`"),
        ("limit=x", "wants a whole number (optional), not `x`"),
        ("pair=1", "wants a list of a whole number / text (optional), not `1`"),
    ],
)
def test_make_pass_value_that_does_not_fit(text: str, words: str) -> None:
    code, headline, help_text = complaint(f"options{{{text}}}")
    assert code == "invalid-pass-option"
    assert headline.endswith(words)
    assert help_text is not None


def test_make_pass_help_is_a_value_that_fits() -> None:
    _, _, help_text = complaint("options{sizes=x}")
    assert help_text == "for instance `sizes=1`"


def test_make_pass_unknown_option_names_the_nearest() -> None:
    code, _, help_text = complaint("options{siezs=1}")
    assert (code, help_text) == ("unknown-pass-option", "write `sizes`")


def test_make_pass_option_of_a_pass_without_options() -> None:
    from kumeo.passes.dce import DcePass

    assert complaint("dce{x}", DcePass)[2] == "remove it: `dce` has no options"


def test_make_pass_option_given_twice() -> None:
    assert complaint("options{count=1 count=2}")[1].endswith("is given twice")


def test_make_pass_missing_option() -> None:
    code, headline, help_text = complaint("required", RequiredPass)
    assert code == "invalid-pass-option"
    assert headline == "option `level-name` of pass `required` is missing"
    assert help_text == "write `required{level-name=...}`"


def test_make_pass_hyphens_stand_for_underscores() -> None:
    made, _ = make(RequiredPass, "required{level-name=x}")
    assert made == RequiredPass("x")


def test_make_pass_value_refused_by_the_pass() -> None:
    code, headline, _ = complaint("options{count=-1}")
    assert code == "invalid-pass-option"
    assert headline.endswith("is refused: count must not be negative")


def test_make_pass_all_faults_are_told() -> None:
    _, found = make(OptionsPass, "options{count=a nothing=1 share=x}")
    assert len(found) == 3


def test_describe_type_of_a_list_of_alternatives() -> None:
    assert describe_type(tuple[int | str, ...]) == "a list of a whole number or text"
