"""Prompts: their holes, and what is wrong in them."""

import pytest

from kumeo.testing.expressions import build_template

HOLES = {
    "{{ source }}": ["source"],
    "{{ source.name }}": ["source.name"],
    "{{ source.name }} {{ source.name }}": ["source.name"],
    "{{ source.name }} {{ source }}": ["source"],
    "{{ source.item.sku }} {{ source.item.price }}": ["source.item.sku", "source.item.price"],
    "{{ context.policies }}": ["context.policies"],
    "{{ config.limit }}": ["config.limit"],
    "{{ assess.level }}": ["assess.level"],
    "{{ assess.output.level }}": ["assess.output.level"],
    "{{ source.raw.a.b }}": ["source.raw.a.b"],
    "{{ source.scores.a }}": ["source.scores"],
    "{{ source.items[0].sku }}": ["source.items"],
    "{{ source['name'] }}": ["source"],
    "{% for i in source.items %}{{ i.sku }} {{ loop.index }}{% endfor %}": ["source.items"],
    "{% for k in source.scores %}{{ source.scores[k] }}{% endfor %}": ["source.scores"],
    "{% for x in source.raw %}{{ x.anything }}{% endfor %}": ["source.raw"],
    "{% for k, v in source.scores | items %}{{ k }}{{ v }}{% endfor %}": ["source.scores"],
    "{% if source.flag %}{{ source.name }}{% else %}no{% endif %}": [
        "source.flag",
        "source.name",
    ],
    "{% if source.country %}{{ source.country }}{% endif %}": ["source.country"],
    "{% if source.country is not none %}{{ source.country }}{% endif %}": ["source.country"],
    "{% if source.country != none %}{{ source.country }}{% endif %}": ["source.country"],
    "{% if not source.country %}no{% else %}{{ source.country }}{% endif %}": ["source.country"],
    "{% if source.maybe %}{{ source.maybe.sku }}{% endif %}": ["source.maybe"],
    "{% for i in source.items %}{% if i.note %}{{ i.note }}{% endif %}{% endfor %}": [
        "source.items"
    ],
    "{{ source.country or 'unknown' }}": ["source.country"],
    "{{ source.country | default('x', true) }}": ["source.country"],
    "{{ source.country if source.country else 'x' }}": ["source.country"],
    "{% for x in source.few or [] %}{{ x }}{% endfor %}": ["source.few"],
    "{% set n = source.name | upper %}{{ n }}": ["source.name"],
    "{{ source.tags | join(', ') }}": ["source.tags"],
    "{{ (source.items | first).sku }}": ["source.items"],
    "{# a comment #}{{ source.count + 1 }}": ["source.count"],
}


@pytest.mark.parametrize("text", HOLES)
def test_prompt_reads_become_holes(text: str) -> None:
    built = build_template(text)
    line = built.ir.rstrip().rpartition("\n")[2]
    holes = [pair.split(" = ")[0] for pair in line.rpartition('" (')[2][:-1].split(", ")]
    assert (built.messages, holes) == ("", HOLES[text])


def test_prompt_without_holes_is_a_constant() -> None:
    assert build_template("Say hello.").ir == '%0 = data.constant "Say hello." : !data.str\n'


def test_prompt_is_text() -> None:
    assert build_template("{{ source }}").kind == "string"


FAULTS = {
    "{{ sorce }}": ("prompt-name", "sorce", "write `source`"),
    "{{ sorce.name }}": ("prompt-name", "sorce", "write `source`"),
    "{{ config }}": ("prompt-name", "config", "name an entry: `config.…`"),
    "{{ config.limt }}": ("unknown-field", "limt", "write `limit`"),
    "{{ context.policy }}": ("unknown-field", "policy", "write `policies`"),
    "{{ source.nmae }}": ("unknown-field", "nmae", "write `name`"),
    "{{ source.item.skuu }}": ("unknown-field", "skuu", "write `sku`"),
    "{{ source.name.first }}": ("unknown-field", "first", None),
    "{% for i in source.items %}{{ i.skuu }}{% endfor %}": ("unknown-field", "skuu", "write `sku`"),
    "{% for i in source.items %}{{ loop.idx }}{% endfor %}": (
        "unknown-field",
        "idx",
        "write `index`",
    ),
    "{{ source.name | uper }}": ("prompt-syntax", "uper", "write `upper`"),
    "{{ 1 if source.name is defind }}": ("prompt-syntax", "defind", "write `defined`"),
    "{{ source.name.upper() }}": ("prompt-syntax", "upper", "write `… | upper`"),
    "{{ range(3) }}": ("prompt-syntax", "range", "compute the value before"),
    "{{ source.__class__ }}": ("prompt-syntax", "__class__", None),
    "{% for x in source.count %}{{ x }}{% endfor %}": ("type-mismatch", "source.count", None),
    "{% for x in source.few %}{{ x }}{% endfor %}": (
        "null-not-handled",
        "source.few",
        "walk through `source.few or []`",
    ),
    "{{ source.country }}": (
        "prompt-null",
        "source.country",
        "write `{{ source.country or 'unknown' }}`, or put it inside `{% if source.country %}`",
    ),
    "{{ source.country | upper }}": (
        "prompt-null",
        "source.country",
        "write `{{ source.country or 'unknown' }}`, or put it inside `{% if source.country %}`",
    ),
    "{% if source.country %}{% else %}{{ source.country }}{% endif %}": (
        "prompt-null",
        "source.country",
        "write `{{ source.country or 'unknown' }}`, or put it inside `{% if source.country %}`",
    ),
}


@pytest.mark.parametrize("text", FAULTS)
def test_prompt_fault_is_one_diagnostic_at_its_place(text: str) -> None:
    built = build_template(text)
    code, caret, _ = FAULTS[text]
    assert (built.codes, built.carets) == ([code], [caret])


@pytest.mark.parametrize("text", FAULTS)
def test_prompt_fault_has_help(text: str) -> None:
    assert build_template(text).helps == [FAULTS[text][2]]


FORBIDDEN = [
    '{% include "x" %}',
    '{% import "x" as y %}',
    '{% from "x" import y %}',
    '{% extends "x" %}',
    "{% macro m() %}{% endmacro %}",
    "{% block b %}{% endblock %}",
    "{% set x %}a{% endset %}",
    "{% filter upper %}a{% endfilter %}",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_prompt_statement_outside_the_language_is_reported(text: str) -> None:
    assert build_template(text).codes == ["prompt-syntax"]


@pytest.mark.parametrize("text", ["{{ source. }}", "{% if %}", "{{ 'a }}", "{% end %}"])
def test_prompt_broken_template_is_reported(text: str) -> None:
    assert build_template(text).codes == ["prompt-syntax"]


def test_prompt_broken_line_is_the_place() -> None:
    assert build_template("one\n  {{ source. }}\nthree").carets == ["{{ source. }}"]


def test_prompt_5000_brackets_are_reported() -> None:
    assert build_template("{{ " + "(" * 5000 + " }}").codes == ["prompt-syntax"]


def test_prompt_place_counts_escapes() -> None:
    built = build_template(r"a \"quote\" \u{41} {{ sorce }}", raw=False)
    assert built.carets == ["sorce"]


def test_prompt_place_counts_removed_indentation() -> None:
    built = build_template("\n      first {{ source.name }}\n      second {{ sorce }}\n    ")
    assert built.carets == ["sorce"]


def test_prompt_two_faults_are_two_diagnostics() -> None:
    assert build_template("{{ a }} {{ source.b }}").codes == ["prompt-name", "unknown-field"]


def test_prompt_loop_variable_ends_with_its_loop() -> None:
    text = "{% for i in source.items %}{{ i.sku }}{% endfor %}{{ i }}"
    assert build_template(text).codes == ["prompt-name"]


def test_prompt_handlebars_blocks_are_read() -> None:
    text = "{{#each source.items}}{{this.sku}}{{/each}}{{#if source.country}}x{{/if}}"
    built = build_template(text)
    assert (built.codes, "{% for item in source.items %}{{ item.sku }}" in built.ir) == ([], True)


def test_prompt_place_in_handlebars_is_where_it_is_written() -> None:
    text = "{{#if source.flag}}{{ sorce }}{{/if}} {{#each source.items}}{{this.skuu}}{{/each}}"
    assert build_template(text).carets == ["sorce", "skuu"]


def test_prompt_unclosed_block_says_how_to_close_it() -> None:
    assert build_template("{% if source.flag %}x").helps == ["close the block: `{% endif %}`"]
