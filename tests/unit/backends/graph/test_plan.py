"""What is shown: nodes, edges, frames, and the text of conditions."""

from collections.abc import Callable

import pytest

from kumeo.backends.graph import Graph

Draw = Callable[[str], Graph]

LLM = 'LLM(id: "{0}", engine: "x/y", prompt: "{{{{ {1} }}}}")'


def llm(name: str, reads: str) -> str:
    return LLM.format(name, reads)


def edges(graph: Graph, *, every: bool = False) -> list[str]:
    """The drawn edges as text; a label stands in the arrow, a failure is a dotted one."""
    titles = {node.id: node.title for node in graph.nodes}

    def text(start: str, end: str, label: str, kind: str) -> str:
        line = ".." if kind == "failure" else "--"
        return f"{titles[start]} {line}{label}> {titles[end]}"

    shown = graph.shown_edges(every=every)
    return [text(edge.start, edge.end, edge.label, edge.kind) for edge in shown]


def test_plan_agent_reads_through_data_operations(body_graph: Draw) -> None:
    text = f"{llm('one', 'source.x')} {llm('two', 'one.text')} emit {{ t: two.text }} to target.a"
    assert edges(body_graph(text)) == ["source --> one", "one --> two", "two --> a"]


def test_plan_edge_with_a_longer_way_is_implied(body_graph: Draw) -> None:
    text = f"{llm('one', 'source.x')} {llm('two', 'one.text }} {{ source.x')} emit two to target.a"
    graph = body_graph(text)
    assert "source --> two" not in edges(graph)
    assert "source --> two" in edges(graph, every=True)


def test_plan_condition_is_a_diamond_with_labelled_branches(body_graph: Draw) -> None:
    text = "if source.x > config.limit { emit source to target.a } else { emit source to target.b }"
    expected = [
        "source --> source.x > config.limit",
        "source.x > config.limit --yes> a",
        "source.x > config.limit --no> b",
    ]
    assert edges(body_graph(text)) == expected


def test_plan_both_branches_to_one_target_keep_both_arrows(body_graph: Draw) -> None:
    text = (
        f"if source.x > 1.0 {{ {llm('one', 'source.x')} emit one to target.a }} "
        "else { emit source to target.a }"
    )
    assert edges(body_graph(text))[-2:] == ["one --> a", "source.x > 1.0 --no> a"]


def test_plan_skipped_agent_shows_the_way_around_it(body_graph: Draw) -> None:
    text = (
        'LLM(id: "one", engine: "x/y", prompt: "{{ source.x }}", when: source.x > 1.0) '
        "emit { one: one } to target.a"
    )
    assert set(edges(body_graph(text))[-2:]) == {"one --> a", "source.x > 1.0 --no> a"}


def test_plan_condition_on_data_alone_is_no_diamond(body_graph: Draw) -> None:
    text = f'x = source.y ?? "none" {llm("one", "x")} emit one to target.a'
    assert [node.kind for node in body_graph(text).nodes] == ["target", "source", "llm"]


def test_plan_match_labels_arrows_with_its_cases(body_graph: Draw) -> None:
    text = (
        'match source.y ?? "" { "p" | "q" => { emit source to target.a } '
        "else => { emit source to target.b } }"
    )
    assert edges(body_graph(text))[-2:] == [
        'source.y ?? "" --p | q> a',
        'source.y ?? "" --else> b',
    ]


def test_plan_loop_is_a_frame(body_graph: Draw) -> None:
    graph = body_graph(
        f"for item in source.items {{ {llm('one', 'item.n')} }} emit {{ all: one }} to target.a"
    )
    (frame,) = graph.clusters
    assert (frame.kind, frame.title) == ("foreach", "for each of source.items")
    assert {node.title: node.cluster for node in graph.nodes}["one"] == frame.id
    assert edges(graph) == ["source --> one", "one --> a"]


def test_plan_try_leads_to_its_handler_on_failure(body_graph: Draw) -> None:
    graph = body_graph(
        f"try {{ {llm('one', 'source.x')} emit one to target.a }} "
        "catch e { emit { why: e.message } to target.b }"
    )
    assert [cluster.kind for cluster in graph.clusters] == ["try"]
    assert "one ..on failure> b" in edges(graph)


def test_plan_fallback_that_emits_is_a_failure_arrow(body_graph: Draw) -> None:
    text = 'LLM(id: "one", engine: "x/y", prompt: "p", fallback: emit source to target.b)'
    assert "one ..fallback> b" in edges(body_graph(f"{text} emit one to target.a"))


def test_plan_unused_target_is_left_out(body_graph: Draw) -> None:
    titles = [node.title for node in body_graph("emit source to target.b").nodes]
    assert titles == ["b", "source"]


def test_plan_error_target_gets_failures(graph_of: Callable[..., Graph]) -> None:
    graph = graph_of(
        'workflow W { source: NATS("in") target: { a: NATS("a"), e: NATS("e") } '
        "on_error: target.e agents: [emit source to target.a] }"
    )
    assert "source ..on failure> e" in edges(graph)


def test_plan_several_bodies_get_a_frame_each(graph_of: Callable[..., Graph]) -> None:
    text = "".join(
        f'workflow {name} {{ source: NATS("i") target: NATS("o") '
        "agents: [emit source to target] }\n"
        for name in ("One", "Two")
    )
    assert [cluster.title for cluster in graph_of(text).clusters] == ["One", "Two"]
    assert graph_of(text, "Two").clusters == ()


def test_plan_unknown_name_raises(graph_of: Callable[..., Graph]) -> None:
    text = 'workflow W { source: NATS("i") target: NATS("o") agents: [emit source to target] }'
    with pytest.raises(KeyError):
        graph_of(text, "X")


def test_plan_summary_counts_what_is_there(body_graph: Draw) -> None:
    graph = body_graph(f"{llm('one', 'source.x')} emit one to target.a")
    assert graph.summary == "W: 1 source, 1 agent, 0 conditions, 1 target."


CONDITIONS = [
    "source.x > 1.0 and (source.x < 2.0 or source.x == 5.0)",
    "not source.x > 1.0",
    "not (source.x > 1.0 or source.x < 0.0)",
    "source.x * 2.0 + 1.0 > config.limit",
    "(source.x + 1.0) * 2.0 > 1.0",
    'source.y ?? "none" == "a"',
    "len(source.items) > 3",
    'lower(source.y ?? "") == "b"',
    "source.items[0].n > 1.0",
    "source.x - (1.0 - source.x) > 0.0",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_condition_text_is_what_the_author_wrote(body_graph: Draw, condition: str) -> None:
    graph = body_graph(f"if {condition} {{ emit source to target.a }}")
    (diamond,) = [node.title for node in graph.nodes if node.kind == "condition"]
    assert diamond == condition


def test_condition_on_null_says_so(body_graph: Draw) -> None:
    graph = body_graph("if source.y != null { emit source to target.a }")
    assert "source.y != null" in [node.title for node in graph.nodes]
