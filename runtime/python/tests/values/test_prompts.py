"""Templates give the text, or the failure, that the interpreter gives."""

import math
from typing import Any

import pytest
from kumeo_runtime.prompts import Template
from kumeo_runtime.testing.kinds import type_of
from kumeo_runtime.values import Failure, Time

from kumeo.dialects.data import FLOAT, JSON, STR, TIME, DataFailure
from kumeo.interp.prompts import render

KINDS = {"string": STR, "float": FLOAT, "timestamp": TIME, "json": JSON}
CASES: list[tuple[str, dict[str, tuple[str, Any]]]] = [
    ("plain {{ a }} and {{b.c}}\n", {"a": ("string", "x"), "b.c": ("float", 1.0)}),
    ("{{ a }}", {"a": ("string", "{{ a }} {% if %}")}),
    ("{{ a }}", {"a": ("json", {"z": [1, None, "é"], "a": True})}),
    ("{{ a }}", {"a": ("json", None)}),
    ("{{ a }}", {"a": ("timestamp", 1_500_000)}),
    ("{{ a.b }} {{ a }}", {"a": ("json", {"b": 1, "c": 2}), "a.b": ("float", 5.0)}),
    ("{{ a.b.c }}", {"a.b": ("json", {"c": [1]})}),
    ("{{ a.missing }}", {"a": ("json", {})}),
    ("{{ missing }}", {"a": ("json", {})}),
    ("{{ a | upper }}{# no #}", {"a": ("string", "x")}),
    ("{% for i in a %}{{ loop.index }}:{{ i }},{% endfor %}", {"a": ("json", [1, "x"])}),
    ("{% for i in range(2) %}{{ i }}{% endfor %}{{ a }}", {"a": ("string", "")}),
    ("{{ a.__class__ }}", {"a": ("string", "x")}),
    ("{{ a.items }}", {"a": ("json", {"items": 1})}),
    ("{{ a + 1 }}", {"a": ("string", "x")}),
    ("{{ 1 // a }}", {"a": ("json", 0)}),
    ("line\r\n{{ a }}", {"a": ("string", "x\r\ny")}),
    ("{{ a }} }} {", {"a": ("string", "x")}),
    ("{{- a -}} x", {"a": ("string", "x")}),
    ("{{ a }}", {"a": ("float", math.inf)}),
    ("no hole", {}),
    ("{{ dict() }}", {}),
]


@pytest.mark.parametrize(("text", "holes"), CASES, ids=[case[0] for case in CASES])
def test_template_agrees_with_the_interpreter(text: str, holes: dict[str, tuple[str, Any]]) -> None:
    template = Template(text, {name: type_of(kind) for name, (kind, _) in holes.items()})
    values = [Time(v) if kind == "timestamp" else v for kind, v in holes.values()]
    found = template(*values)
    if isinstance(found, Failure):
        assert (found.code, found.message) == failure_of_the_interpreter(text, holes)
    else:
        assert found == rendered(text, holes)


def rendered(text: str, holes: dict[str, tuple[str, Any]]) -> str:
    kinds = [KINDS[kind] for kind, _ in holes.values()]
    return render(text, list(holes), [value for _, value in holes.values()], kinds)


def failure_of_the_interpreter(text: str, holes: dict[str, tuple[str, Any]]) -> tuple[str, str]:
    with pytest.raises(DataFailure) as caught:
        rendered(text, holes)
    return caught.value.code, caught.value.message
