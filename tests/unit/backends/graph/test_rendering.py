"""The three texts: well formed, everything escaped, readable without colour."""

import re
from xml.etree import ElementTree

import pytest

from kumeo.backends.graph import (
    Cluster,
    Edge,
    Graph,
    Node,
    render_dot,
    render_mermaid,
    render_svg,
)
from kumeo.backends.graph.icons import ICONS
from kumeo.backends.graph.wording import KIND_WORDS

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<b>&"quoted" \\n #1; |x| `y` \x07 é'


def graph_of(title: str) -> Graph:
    nodes = (
        Node("n1", "source", title, title, (title,)),
        Node("n2", "llm", title, title, (), "c1"),
    )
    edges = (Edge("n1", "n2", "branch", title, title),)
    return Graph(title, nodes, edges, (Cluster("c1", "foreach", title),))


def test_svg_of_nasty_names_is_well_formed() -> None:
    root = ElementTree.fromstring(render_svg(graph_of(NASTY)))
    assert root.find(f"{SVG}title").text == NASTY.replace("\x07", "")  # pyright: ignore


def test_svg_has_no_script_and_names_no_other_file() -> None:
    text = render_svg(graph_of(NASTY))
    assert "<script" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_svg_is_told_to_those_who_cannot_see() -> None:
    root = ElementTree.fromstring(render_svg(graph_of("flow")))
    described = root.attrib["aria-labelledby"].split()
    assert root.attrib["role"] == "img"
    assert [each.attrib["id"] for each in root[:2]] == described
    assert root[1].text == "flow: 1 source, 1 agent, 0 conditions, 0 targets."


def test_svg_follows_the_style_of_the_page() -> None:
    assert "@media (prefers-color-scheme: dark)" in render_svg(graph_of("flow"))


def test_svg_arrow_shows_both_ends_and_the_type() -> None:
    nodes = (Node("n1", "llm", "one"), Node("n2", "llm", "two"))
    text = render_svg(Graph("g", nodes, (Edge("n1", "n2", detail="{x: int}"),), ()))
    assert "<title>one → two: {x: int}</title>" in text


def test_svg_leaves_out_implied_arrows_unless_asked() -> None:
    nodes = (Node("n1", "llm", "one"), Node("n2", "llm", "two"))
    graph = Graph("g", nodes, (Edge("n1", "n2", implied=True),), ())
    assert "one → two" not in render_svg(graph)
    assert "one → two" in render_svg(graph, every=True)


def test_every_kind_of_agent_has_an_icon_and_words() -> None:
    assert set(KIND_WORDS) <= set(ICONS)
    assert len(set(ICONS.values())) == len(ICONS)


def test_mermaid_quotes_everything_that_it_would_read() -> None:
    lines = render_mermaid(graph_of(NASTY)).splitlines()[3:]
    texts = [text for line in lines for text in re.findall(r'"(.*?)"', line)]
    assert len(texts) == 4
    assert not [t for t in texts if re.search(r"[&`|]|<(?!/?small|br/)|#(?!\d+;)", t)]


def test_mermaid_keeps_a_frame_together() -> None:
    text = render_mermaid(graph_of("x"))
    assert '  subgraph c1 ["x"]\n    n2["x<br/><small>x</small>"]\n  end\n' in text


@pytest.mark.parametrize(
    ("title", "quoted"),
    [('a "b"', r'"a \"b\""'), ("a\\b", r'"a\\b"'), ("a\nb", r'"a\nb"'), ("é", '"é"')],
)
def test_dot_quotes_texts(title: str, quoted: str) -> None:
    assert f"label={quoted}" in render_dot(Graph("g", (Node("n1", "llm", title),), (), ()))


def test_dot_dashes_failures() -> None:
    nodes = (Node("n1", "llm", "a"), Node("n2", "target", "b"))
    text = render_dot(Graph("g", nodes, (Edge("n1", "n2", "failure", "on failure"),), ()))
    assert 'n1 -> n2 [label="on failure", style="dashed"];' in text
