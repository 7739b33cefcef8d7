"""`Query`, `Retrieve` and the contexts that they read: databases, tables, knowledge bases."""

from collections.abc import Callable

import pytest

Ir = Callable[..., str]
Codes = Callable[..., list[str]]

PRICES = "sku,price,since\na,1.5,2026-01-01\n"
ROW = "schema Price { sku: string, price: float, note: string? }"
TYPED = 'context: { prices: Table("prices.csv", schema: Price, key: "sku") }'
PLAIN = 'context: { prices: Table("prices.csv") }'
DB = 'context: { db: Database("sqlite:t.db"), log: Database("sqlite:t.db", read_only: false) }'
FILES = {"prices_dot_csv": PRICES}


def test_typed_table_is_a_list_of_its_rows(ir_of: Ir) -> None:
    body = "x = [p.price for p in context.prices if p.sku == source.id] emit x to target.good"
    ir = ir_of(body, TYPED, ROW, **FILES)
    text, number = "CAST(\\22sku\\22 AS VARCHAR)", "CAST(\\22price\\22 AS DOUBLE)"
    listed = f"{text} AS \\22sku\\22, {number} AS \\22price\\22"
    assert f'sql "SELECT {listed} FROM \\22prices\\22" id "x.prices"' in ir


def test_table_without_a_type_is_its_text(ir_of: Ir) -> None:
    ir = ir_of("emit context.prices to target.good", PLAIN)
    assert 'agent.retrieve @prices () id "prices" site "prices" : () -> !data.str' in ir


def test_table_by_key_finds_its_rows(ir_of: Ir) -> None:
    ir = ir_of("x = Query(context.prices, key: source.id) emit x to target.good", TYPED, ROW)
    assert "WHERE CAST(\\22sku\\22 AS VARCHAR) = :key" in ir
    assert "AS \\22note\\22 FROM" in ir, "the file is not there"


def test_row_that_does_not_fit_is_reported(codes_of: Codes) -> None:
    files = {"prices_dot_csv": "sku,price\na,1.5\nb,dear\n"}
    assert codes_of("emit source to target.good", TYPED, ROW, **files) == ["invalid-table"]


def test_key_has_the_type_of_its_column(codes_of: Codes) -> None:
    body = "x = Query(context.prices, key: source.amount) emit x to target.good"
    assert codes_of(body, TYPED, ROW, **FILES) == ["type-mismatch"]


def test_rows_of_a_query_by_sql_are_json_without_output(ir_of: Ir) -> None:
    ir = ir_of('x = Query(context.prices, "SELECT 1") emit x to target.good', TYPED, ROW)
    assert "-> !data.list<!data.json>" in ir


def test_table_reads_in_a_rule_and_a_prompt(ir_of: Ir) -> None:
    ir = ir_of(
        """d = DecisionMatrix(rules: [{ when: "source.id in [p.sku for p in context.prices]",
             then: "known" }], default: "other")
           x = LLM("a/b", prompt: "{% for p in context.prices %}{{ p.sku }}{% endfor %}")
           emit { d: d, x: x } to target.good""",
        TYPED,
        ROW,
        **FILES,
    )
    assert ir.count("agent.query @prices") == 2


def test_name_of_a_table_stays_that_of_its_author(ir_of: Ir) -> None:
    ir = ir_of("emit context.good to target.good", 'context: { good: Table("prices.csv") }')
    assert 'workflow.context @good_2 table("prices.csv") {name = "good"}' in ir


@pytest.mark.parametrize(
    "table",
    [
        'Table("prices.txt")',
        'Table("prices.csv", schema: Item)',
        'Table("prices.csv", schema: int)',
        'Table("prices.csv", key: "skuu")',
    ],
)
def test_table_that_does_not_fit_its_file_is_refused(codes_of: Codes, table: str) -> None:
    codes = codes_of("emit source to target.good", f"context: {{ prices: {table} }}", **FILES)
    assert codes == ["invalid-setting"]


@pytest.mark.parametrize(
    "table", ['Table("prices.csv", schema: Item, key: "x")', 'Table("p.parquet", schema: Item)']
)
def test_table_whose_columns_cannot_be_seen_is_trusted(codes_of: Codes, table: str) -> None:
    assert codes_of("emit source to target.good", f"context: {{ prices: {table} }}") == []


def test_unknown_row_type_is_reported_once(codes_of: Codes) -> None:
    body = "x = [p.price for p in context.prices] emit x to target.good"
    assert codes_of(body, TYPED, **FILES) == ["unknown-type"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ('Query(context.db, "SELECT :a", parameters: { a: 1 })', []),
        ("Query(context.db, \"SELECT ':b', x::text -- :c\")", []),
        ('Query(context.db, "SELECT :a")', ["invalid-setting"]),
        ('Query(context.db, "SELECT :a", parameters: { b: 1 })', ["invalid-setting"]),
        ('Query(context.db, "SELECT 1", parameters: { b: 1 })', ["invalid-setting"]),
        ('Query(context.db, key: "x")', ["invalid-setting"]),
        ('Query(context.db, "SELECT 1", key: "x")', ["invalid-setting"]),
        ("Query(context.db)", ["missing-argument"]),
    ],
)
def test_query_and_its_values_fit(codes_of: Codes, query: str, codes: list[str]) -> None:
    assert codes_of(f"x = {query} emit x to target.good", DB) == codes


def test_query_of_a_database_that_may_be_written_acts(ir_of: Ir) -> None:
    body = 'Query(context.log, "DELETE FROM t", id: "x") emit source to target.good'
    assert 'sql "DELETE FROM t" effects "acts"' in ir_of(body, DB)


def test_passages_are_at_least_one(codes_of: Codes) -> None:
    docs = 'context: { docs: KnowledgeBase("*.md") }'
    body = 'x = Retrieve(context.docs, query: "a", top: 0) emit x to target.good'
    assert codes_of(body, docs) == ["invalid-setting"]


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("\"SELECT * FROM t WHERE id = '{{ source.id }}'\"", ["invalid-setting"]),
        ('"SELECT * FROM t WHERE id = " + source.id', ["invalid-setting"]),
        ('"  delete FROM t"', ["invalid-setting"]),
        ('"DROP TABLE t"', ["invalid-setting"]),
        ('"SELECT updated FROM t"', []),
        ('"WITH x AS (SELECT 1) SELECT * FROM x"', []),
    ],
)
def test_query_that_cannot_work_is_refused(codes_of: Codes, sql: str, codes: list[str]) -> None:
    body = f"x = Query(context.db, {sql}) emit x to target.good"
    assert codes_of(body, DB) == codes


def test_query_may_write_where_the_database_allows_it(codes_of: Codes) -> None:
    body = 'x = Query(context.log, "DELETE FROM t") emit x to target.good'
    assert codes_of(body, DB) == []
