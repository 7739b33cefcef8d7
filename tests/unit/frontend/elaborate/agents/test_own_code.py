"""Declared agents against the source of the functions behind them."""

from collections.abc import Callable
from typing import Any

import pytest

from kumeo.frontend.compile import Elaborated

Compile = Callable[..., Elaborated]

TYPES = """schema Order { id: string, level: Level, note: string?, lines: [Line] }
schema Line { sku: string, count: int }
enum Level { low, high }
"""
HEAD = """
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import *
import numpy as np
from kumeo_runtime.agents import BaseAgent
from pydantic import BaseModel
"""


def found(
    compile_text: Compile, signature: str, code: str, *, target: str = "m:f", **files: str
) -> list[Any]:
    """Return the diagnostics of `agent A(signature) { python: target }` with the code of `m.py`."""
    text = f"""{TYPES} agent A({signature} {{ python: "{target}" }}
    workflow W {{ source: NATS("a") target: NATS("b") agents: [ emit source to target ] }}"""
    modules = {"m_dot_py": code, **files}
    return list(compile_text(text, **modules).diagnostics)


def codes(*arguments: Any, **files: str) -> list[str]:
    return [each.code for each in found(*arguments, **files)]


def typed(python: str) -> str:
    return f"{HEAD}\n{python}\n"


CASES_IN = [
    ("string", "str", True),
    ("string", "str | None", True),
    ("string", "int", False),
    ("string", "'str'", True),
    ("string", "Annotated[str, 5]", True),
    ("string", "Union[int, str]", True),
    ("string", "Any", True),
    ("string", "object", True),
    ("int", "int", True),
    ("int", "float", True),
    ("int", "bool", False),
    ("float", "float", True),
    ("float", "int", False),
    ("bool", "bool", True),
    ("bool", "str", False),
    ("timestamp", "int", True),
    ("timestamp", "str", False),
    ("duration", "int", True),
    ("duration", "timedelta", False),
    ("string?", "str", False),
    ("string?", "str | None", True),
    ("string?", "Optional[str]", True),
    ("[int]", "list[int]", True),
    ("[int]", "Sequence[int]", True),
    ("[int]", "list", True),
    ("[int]", "tuple[int, ...]", False),
    ("[int]", "list[str]", False),
    ("[int]", "int", False),
    ("{string: int}", "dict[str, int]", True),
    ("{string: int}", "Mapping[str, str]", False),
    ("Level", "str", True),
    ("Level", "Literal['low', 'high', 'more']", True),
    ("Level", "Literal['low']", False),
    ("Level", "int", False),
    ("json", "list[int]", True),
    ("Line", "dict", False),
    ("Line", "dict[str, Any]", False),
    ("Line", "str", False),
]


@pytest.mark.parametrize(("kind", "annotation", "fits"), CASES_IN)
def test_parameter_takes_the_values_of_its_type(
    compile_text: Compile, kind: str, annotation: str, fits: bool
) -> None:
    code = typed(f"def f(x: {annotation}) -> int: ...")
    wanted = [] if fits else ["signature-mismatch"]
    assert codes(compile_text, f"x: {kind}) -> int", code) == wanted


CASES_OUT = [
    ("string", "str", True),
    ("string", "str | None", False),
    ("string", "Literal['a']", True),
    ("string", "Literal[1]", False),
    ("int", "int", True),
    ("int", "bool", False),
    ("int", "float", False),
    ("int", "None", False),
    ("int", "int | Failure", True),
    ("float", "int", True),
    ("float", "Union[int, float]", True),
    ("float", "Union[int, str]", False),
    ("timestamp", "datetime", True),
    ("timestamp", "list[int]", False),
    ("duration", "timedelta", True),
    ("string?", "str", True),
    ("string?", "None", True),
    ("[int]", "tuple[int, ...]", True),
    ("[int]", "dict[str, int]", False),
    ("{string: int}", "dict[str, int]", True),
    ("Level", "str", True),
    ("Level", "Literal['low']", True),
    ("Level", "Literal['lower']", False),
    ("Line", "dict[str, Any]", True),
    ("Line", "list[Any]", False),
    ("[Line]", "list[dict[str, object]]", True),
    ("json", "Any", True),
    ("int", "Awaitable[int]", True),
    ("int", "Awaitable[str]", False),
]


@pytest.mark.parametrize(("kind", "annotation", "fits"), CASES_OUT)
def test_result_has_the_type_of_the_agent(
    compile_text: Compile, kind: str, annotation: str, fits: bool
) -> None:
    code = typed(f"def f() -> {annotation}: ...")
    wanted = [] if fits else ["signature-mismatch"]
    assert codes(compile_text, f") -> {kind}", code) == wanted


RECORDS = {
    "dataclass": "@dataclass\nclass R:\n    sku: str\n    count: int\n",
    "pydantic": "class R(BaseModel):\n    sku: str\n    count: int\n",
    "msgspec": "class R(Struct):\n    sku: str\n    count: int\n",
    "named-tuple": "class R(NamedTuple):\n    sku: str\n    count: int\n",
    "inherited": "class B(BaseModel):\n    sku: str\nclass R(B):\n    count: int\n",
    "class-variable": "class R(Struct):\n    sku: str\n    count: int\n    k: ClassVar[str]\n",
    "more-with-default": "@dataclass\nclass R:\n    sku: str\n    count: int\n    more: str = ''\n",
    "property": (
        "class R(Protocol):\n    sku: str\n    @property\n    def count(self) -> int: ...\n"
    ),
}


@pytest.mark.parametrize("shape", RECORDS)
@pytest.mark.parametrize("signature", ["x: Line) -> int", ") -> Line", ") -> [Line]"])
def test_record_is_a_class_with_its_fields(
    compile_text: Compile, shape: str, signature: str
) -> None:
    given = "x: R" if "x:" in signature else ""
    result = "int" if given else "list[R]" if "[" in signature else "R"
    code = typed(f"{RECORDS[shape]}def f({given}) -> {result}: ...")
    assert codes(compile_text, signature, code) == []


def test_typed_dictionary_comes_out_but_does_not_go_in(compile_text: Compile) -> None:
    shape = "class R(TypedDict):\n    sku: str\n    count: int\n"
    assert codes(compile_text, ") -> Line", typed(f"{shape}def f() -> R: ...")) == []
    wrong = typed(f"{shape}def f(x: R) -> int: ...")
    assert codes(compile_text, "x: Line) -> int", wrong) == ["signature-mismatch"]


@pytest.mark.parametrize(
    ("fields", "direction", "problem"),
    [
        ("sku: str\n    count: str", "in", "the field `count` of `R`: `str` takes something else"),
        ("sku: str\n    size: int", "in", "`R` has the field `size`, which the record lacks"),
        ("sku: str", "out", "`R` has no field `count`"),
        ("sku: str | None\n    count: int", "out", "`str | None` may be None"),
    ],
)
def test_field_that_does_not_fit_is_named(
    compile_text: Compile, fields: str, direction: str, problem: str
) -> None:
    shape = f"@dataclass\nclass R:\n    {fields}\n"
    is_in = direction == "in"
    code = typed(shape + ("def f(x: R) -> int: ..." if is_in else "def f() -> R: ..."))
    (only,) = found(compile_text, "x: Line) -> int" if is_in else ") -> Line", code)
    assert problem in only.headline


def test_field_may_be_left_out_where_it_may_be_null(compile_text: Compile) -> None:
    shape = "@dataclass\nclass R:\n    id: str\n    level: str\n    lines: list[dict[str, int]]\n"
    assert codes(compile_text, ") -> Order", typed(f"{shape}def f() -> R: ...")) == []


@pytest.mark.parametrize(
    ("signature", "function", "fits"),
    [
        ("a: int, b: int) -> int", "def f(x: int, y: int) -> int: ...", True),
        ("a: int, b: int) -> int", "def f(x: int) -> int: ...", False),
        ("a: int) -> int", "def f(x: int, y: int) -> int: ...", False),
        ("a: int) -> int", "def f(x: int, y: int = 2) -> int: ...", True),
        ("a: int, b: int) -> int", "def f(x: int, *more: int) -> int: ...", True),
        ("a: int) -> int", "def f(x: int, *, y: int) -> int: ...", False),
        ("a: int) -> int", "def f(x: int, *, y: int = 2) -> int: ...", True),
        ("a: int) -> int", "async def f(x: int, /) -> int: ...", True),
        (") -> int", "def f() -> int:\n    yield 1", False),
        (") -> int", "def f() -> int:\n    def g():\n        yield 1\n    return 1", True),
        (") -> int", "@cache\ndef f() -> int: ...", True),
        (") -> int", "class f(BaseAgent):\n    async def on_event(self) -> int: ...", True),
        (") -> int", "class f(BaseAgent):\n    async def on_event(self, x) -> int: ...", False),
        (
            "a: int) -> int",
            "class f(BaseAgent):\n    @staticmethod\n    def on_event(x: int) -> int: ...",
            True,
        ),
        ("a: int) -> int", "try: pass\nexcept ImportError:\n    def f(x: str) -> int: ...", False),
        ("a: int) -> int", "if 1:\n    def f(x: str) -> int: ...\ndef f(x: int) -> int: ...", True),
        (") -> int", "class f(BaseAgent):\n    pass", False),
        (") -> int", "class f:\n    def on_event(self) -> int: ...", False),
        (
            ") -> int",
            "class g(BaseAgent):\n    def on_event(self) -> int: ...\nclass f(g): pass",
            True,
        ),
        (
            ") -> int",
            "class f(BaseAgent):\n    def __init__(self, x): ...\n"
            "    def on_event(self) -> int: ...",
            False,
        ),
        (
            ") -> int",
            "class f(BaseAgent):\n    def __init__(self, x=1): ...\n"
            "    def on_event(self) -> int: ...",
            True,
        ),
    ],
)
def test_function_or_class_fits_the_declaration(
    compile_text: Compile, signature: str, function: str, fits: bool
) -> None:
    wanted = [] if fits else ["signature-mismatch"]
    assert codes(compile_text, signature, typed(function)) == wanted


@pytest.mark.parametrize(
    ("signature", "function", "count"),
    [
        ("a: int) -> int", "def f(x): ...", 2),
        ("a: int) -> int", "def f(x: np.ndarray) -> int: ...", 1),
        ("a: int) -> int", "def f(x: Unheard) -> int: ...", 1),
        ("a: int) -> int", "f = partial(print)", 1),
        ("a: int) -> int", "@route('/x')\ndef f(x: str) -> str: ...", 1),
        ("a: Level) -> int", "class L(StrEnum):\n    low = 'low'\ndef f(x: L) -> int: ...", 1),
        ("a: Line) -> int", "class R:\n    pass\ndef f(x: R) -> int: ...", 1),
        ("a: int) -> int", "from other import f", 1),
        (
            "a: int) -> int",
            "if 1:\n    def f(x: int) -> int: ...\nelse:\n    def f(x: str) -> int: ...",
            1,
        ),
    ],
)
def test_what_cannot_be_judged_is_a_remark(
    compile_text: Compile, signature: str, function: str, count: int
) -> None:
    assert codes(compile_text, signature, typed(function)) == ["unchecked-code"] * count


def test_code_that_is_not_there_is_not_judged(compile_text: Compile) -> None:
    assert codes(compile_text, ") -> int", "", target="elsewhere.m:f") == []


def test_function_that_a_file_lacks_is_unknown(compile_text: Compile) -> None:
    (only,) = found(compile_text, ") -> int", "def ff() -> int: ...")
    assert (only.code, only.help()) == ("unknown-code", "write `ff`")


def test_star_import_may_bring_any_name(compile_text: Compile) -> None:
    assert codes(compile_text, ") -> int", "from os import *") == ["unchecked-code"]


@pytest.mark.parametrize("code", ["def f(:", "\0", "x = " + "(" * 500])
def test_file_that_is_no_python_is_reported(compile_text: Compile, code: str) -> None:
    assert codes(compile_text, ") -> int", code) == ["invalid-code"]


def test_import_beside_the_workflow_is_followed(compile_text: Compile) -> None:
    files = {
        "p__a_dot_py": "from .inner import g as f\n",
        "p__inner_dot_py": "from p.shapes import R\ndef g(x: R) -> int: ...\n",
        "p__shapes_dot_py": "class R:\n    sku: str\n    count: str\n",
    }
    (only,) = found(compile_text, "x: Line) -> int", "", target="p.a:f", **files)
    assert only.code == "signature-mismatch"
    assert [each.place.path for each in only.related] == ["p/inner.py"]


def test_circle_of_imports_ends(compile_text: Compile) -> None:
    files = {"n_dot_py": "from m import f"}
    found_codes = codes(compile_text, ") -> int", "from n import f", **files)
    assert found_codes == ["unchecked-code"]


def test_code_is_never_run(compile_text: Compile) -> None:
    code = "raise SystemExit('run')\ndef f() -> int: ..."
    assert codes(compile_text, ") -> int", code) == []


def test_places_are_in_both_files(compile_text: Compile) -> None:
    (only,) = found(compile_text, "x: int) -> int", "# ä\ndef f(x: 'ä', y) -> int: ...")
    (related,) = only.related
    assert (only.place.text, related.place.line, related.place.text) == ("A", 2, "f")
