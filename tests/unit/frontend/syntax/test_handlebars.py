"""Handlebars blocks of older prompts become Jinja2."""

import jinja2
import pytest

from kumeo.frontend.handlebars import handlebars_to_jinja, has_handlebars


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{{#if a.b}}x{{/if}}", "{% if a.b %}x{% endif %}"),
        ("{{#if a}}x{{else}}y{{/if}}", "{% if a %}x{% else %}y{% endif %}"),
        ("{{#if a}}x{{else if b}}y{{/if}}", "{% if a %}x{% elif b %}y{% endif %}"),
        ("{{#unless a}}x{{/unless}}", "{% if not (a) %}x{% endif %}"),
        ("{{#each xs}}{{this}}{{/each}}", "{% for item in xs %}{{ item }}{% endfor %}"),
        (
            "{{#each a.b}}{{this.c}} {{d}}{{/each}}",
            "{% for item in a.b %}{{ item.c }} {{d}}{% endfor %}",
        ),
        (
            "{{#each xs}}{{#each this.ys}}{{this}}{{/each}}{{@index}}{{/each}}",
            "{% for item in xs %}{% for item2 in item.ys %}{{ item2 }}{% endfor %}"
            "{{ loop.index0 }}{% endfor %}",
        ),
        ("{{ a }} and {% if b %}c{% endif %}", "{{ a }} and {% if b %}c{% endif %}"),
    ],
)
def test_rewrite_block(text: str, written: str) -> None:
    assert handlebars_to_jinja(text)[0] == written


def test_rewrite_plain_text_is_unchanged() -> None:
    assert not has_handlebars("{{ a }} else {{b}}")
    assert handlebars_to_jinja("{{ a }}") == ("{{ a }}", list(range(8)))


def test_rewrite_table_points_at_the_path_as_written() -> None:
    text = "see {{#if risk.level}}x{{/if}} {{#each rows}}{{this.name}}{{/each}}"
    written, table = handlebars_to_jinja(text)
    assert len(table) == len(written) + 1
    for path in ("risk.level", "rows"):
        assert table[written.index(path)] == text.index(path)


def test_rewritten_prompt_renders_with_jinja() -> None:
    text = "{{#each xs}}{{#if this.ok}}{{this.n}};{{/if}}{{/each}}"
    written, _ = handlebars_to_jinja(text)
    rows = [{"ok": True, "n": 1}, {"ok": False, "n": 2}]
    assert jinja2.Template(written).render(xs=rows) == "1;"
