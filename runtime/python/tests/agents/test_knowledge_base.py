"""`KnowledgeBase`: the text of files, and passages by words."""

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import pytest
from kumeo_runtime.agents import AgentError, KnowledgeBase, Resources
from kumeo_runtime.knowledge.bm25 import Ranking
from kumeo_runtime.knowledge.passages import passages_of, rows_of, texts_of
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Record


class Passage(Record):
    text: str
    source: str
    score: float


def ask(root: Path, query: str | None = None, **options: Any) -> Any:
    agent: KnowledgeBase[Any] = KnowledgeBase(
        site="k", path="docs/*.md", result=str if query is None else list[Passage], **options
    )
    inputs: dict[str, Any] = {} if query is None else {"query": query}

    async def run() -> Any:
        await agent.start(Resources(root=root))
        return await agent(MemoryCall(), **inputs)

    return asyncio.run(run())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "b.md").write_text("Refunds take a week.\n\nCards from Peru need a call.\n")
    (folder / "a.md").write_text(
        "# Limits\n\nA payment above 500 needs a call.\n", encoding="utf-8"
    )
    (folder / "skip.txt").write_text("Peru Peru Peru")
    return tmp_path


def test_whole_text_is_that_of_all_files_in_order(root: Path) -> None:
    assert ask(root) == (
        "# Limits\n\nA payment above 500 needs a call.\n\n"
        "Refunds take a week.\n\nCards from Peru need a call."
    )


def test_query_gives_the_best_passage_first_with_its_file(root: Path) -> None:
    found = ask(root, "call about my card from PERU, cards", settings={"chunk": 30})
    assert [(p.text, p.source) for p in found[:1]] == [
        ("Cards from Peru need a call.", "docs/b.md")
    ]
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert {p.text for p in found} == {
        "Cards from Peru need a call.",
        "call.",
    }


def test_query_gives_at_most_top_passages(root: Path) -> None:
    assert len(ask(root, "call", settings={"chunk": 30, "top": 1})) == 1


def test_query_without_a_known_word_gives_nothing(root: Path) -> None:
    assert ask(root, "zebra ?") == []


def test_start_without_files_refuses(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"no file fits `docs/\*\.md`"):
        ask(tmp_path)


def test_start_with_a_file_that_is_no_text_refuses(root: Path) -> None:
    (root / "docs" / "c.md").write_bytes(b"\xff\xfe")
    with pytest.raises(AgentError, match=r"c\.md cannot be read"):
        ask(root)


@pytest.mark.parametrize(
    ("text", "chunk", "expected"),
    [
        ("a\n\nb\n\n\nc", 100, ["a\n\nb\n\nc"]),
        ("aa\n\nbb\n\ncc", 6, ["aa\n\nbb", "cc"]),
        ("one two three", 8, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 10, []),
    ],
)
def test_passages_are_cut_at_paragraphs_then_words(
    text: str, chunk: int, expected: list[str]
) -> None:
    assert list(passages_of(text, chunk)) == expected


def test_ranking_prefers_rare_words_and_short_texts() -> None:
    ranking = Ranking(["common rare", "common common", "common rare and much more text here"])
    assert [place for place, _ in ranking.best("rare common", 3)] == [0, 2, 1]


def test_ranking_equal_scores_keep_the_order() -> None:
    assert [place for place, _ in Ranking(["x", "y x", "x", "x"]).best("x", 3)] == [0, 2, 3]


def test_passages_of_a_table_are_rows_below_their_names(root: Path) -> None:
    (root / "docs" / "rates.csv").write_text("country,rate\nCL,0.19\nNO,0.25\nPE,0.18\n")
    agent: KnowledgeBase[Any] = KnowledgeBase(
        site="k", path="docs/*.csv", result=list[Passage], settings={"chunk": 29}
    )

    async def run() -> Any:
        await agent.start(Resources(root=root))
        return await agent(MemoryCall(), query="PE")

    (found,) = asyncio.run(run())
    assert (found.text, found.source) == ("country,rate\nPE,0.18", "docs/rates.csv")


def test_text_of_a_parquet_file_is_that_of_the_same_csv_file(root: Path) -> None:
    text = "country,rate\nCL,0.19\nNO,\n"
    (root / "rates.csv").write_text(text)
    make = f"COPY (SELECT * FROM '{root}/rates.csv') TO '{root}/rates.parquet'"
    duckdb.execute(make)
    agent: KnowledgeBase[Any] = KnowledgeBase(site="k", path="rates.parquet", result=str)

    async def run() -> Any:
        await agent.start(Resources(root=root))
        return await agent(MemoryCall())

    assert asyncio.run(run()) == text.strip()


def test_file_of_two_patterns_is_read_once(root: Path) -> None:
    assert texts_of(root, ("docs/b.md", "docs/*.md"))[0][0] == "docs/b.md"
    assert len(texts_of(root, ("docs/b.md", "docs/*.md"))) == 2


def test_mark_of_the_byte_order_is_no_text(root: Path) -> None:
    (root / "docs" / "rates.csv").write_text("\ufeffcountry\n", encoding="utf-8")
    assert texts_of(root, ("docs/*.csv",)) == [("docs/rates.csv", "country\n")]


def test_row_of_a_table_may_hold_several_lines() -> None:
    text = 'name,note\na,"one\n""two""\x0cthree"\nb,four\n'
    assert list(rows_of(text, 10)) == [
        'name,note\na,"one\n""two""\x0cthree"',
        "name,note\nb,four",
    ]


@pytest.mark.parametrize("settings", [{"chunk": 0}, {"top": 0}])
def test_start_with_a_setting_below_one_refuses(root: Path, settings: dict[str, int]) -> None:
    with pytest.raises(AgentError, match="numbers above 0"):
        ask(root, "call", settings=settings)


def test_agents_that_read_the_same_files_share_one_index(root: Path) -> None:
    first, again, other = (
        KnowledgeBase[Any](site="k", path="docs/*.md", result=str, settings={"chunk": chunk})
        for chunk in (10, 10, 20)
    )

    async def run() -> Any:
        for agent in (first, again, other):
            await agent.start(Resources(root=root))
        return [id(agent.index) for agent in (first, again, other)]

    one, two, three = asyncio.run(run())
    assert one == two != three
