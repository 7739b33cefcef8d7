"""`Database` on real SQLite files."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import AgentError, Database, Policy, Resources, Secret
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Duration, Failure, Int, Json, Record, Time


class Item(Record):
    sku: str
    price: float
    sold: bool = False
    note: str | None = None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "erp.db") as connection:
        connection.execute("CREATE TABLE items (sku TEXT, price, sold INTEGER, note TEXT)")
        rows = [("a", 1.5, 1, None), ("b", 2, 0, "x"), ("c'--", 3.0, 0, "")]
        connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return tmp_path


def ask(
    root: Path,
    sql: str,
    result: Any = list[Json],
    address: Any = "sqlite:erp.db",
    values: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    **options: Any,
) -> Any:
    agent: Database[Any] = Database(site="db", address=address, sql=sql, result=result, **options)

    async def run() -> Any:
        await agent.start(Resources(root=root, environ=environ or {}))
        try:
            return await agent(MemoryCall(), **(values or {}))
        finally:
            await agent.stop()

    return asyncio.run(run())


def test_rows_have_the_type_of_the_result(root: Path) -> None:
    found = ask(root, "SELECT * FROM items ORDER BY sku LIMIT 2", list[Item])
    assert found == [
        Item(sku="a", price=1.5, sold=True),
        Item(sku="b", price=2.0, sold=False, note="x"),
    ]


def test_rows_may_be_json(root: Path) -> None:
    assert ask(root, "SELECT sku, sold FROM items WHERE sku = 'a'") == [{"sku": "a", "sold": 1}]


def test_values_are_bound(root: Path) -> None:
    sql = "SELECT price FROM items WHERE sku = :sku"
    assert ask(root, sql, values={"sku": "c'--"}) == [{"price": 3.0}]
    assert ask(root, sql, values={"sku": "a' OR 1=1 --"}) == []


def test_names_of_parameters_may_be_given_apart(root: Path) -> None:
    sql = "SELECT sku FROM items WHERE sku = :path"
    assert ask(root, sql, values={"p": "a"}, inputs=("path",)) == [{"sku": "a"}]


def test_values_of_all_types_are_bound(root: Path) -> None:
    class Pair(Record):
        a: Int

    values = {
        "t": Time(0),
        "d": Duration(1_500_000),
        "b": True,
        "r": Pair(a=1),
        "l": [1],
        "n": None,
    }
    sql = "SELECT :t AS t, :d AS d, :b AS b, :r AS r, :l AS l, :n AS n, :y AS y"
    (row,) = ask(root, sql, values={**values, "n": None, "y": b"\x01"})
    assert row == {
        "t": "1970-01-01T00:00:00Z",
        "d": 1.5,
        "b": 1,
        "r": '{"a":1}',
        "l": "[1]",
        "n": None,
        "y": "AQ==",
    }


def test_row_of_another_type_fails(root: Path) -> None:
    found = ask(root, "SELECT 1 AS sku, 2.0 AS price", list[Item])
    assert found == Failure("invalid-answer", "agent `db`: at [0].sku: expected text, not 1", "db")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT absent FROM items", "no such column"),
        ("DELETE FROM items", "not authorized"),
        ("SELECT :missing", "missing"),
        ("PRAGMA journal_mode = WAL", "not authorized"),
        ("SELECT 1; SELECT 2", "one statement"),
    ],
)
def test_query_that_cannot_run_fails(root: Path, sql: str, said: str) -> None:
    found = ask(root, sql)
    assert isinstance(found, Failure)
    assert found.code == "attempt-failed"
    assert said in found.message


def test_other_files_cannot_be_written(root: Path) -> None:
    found = ask(root, f"ATTACH DATABASE '{root}/new.db' AS other")
    assert not (root / "new.db").exists()
    assert found == Failure(
        "attempt-failed",
        "the database answers: not authorized: the workflow may only read here",
        "db",
    )


def test_query_that_takes_too_long_is_interrupted(root: Path) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    begun = time.monotonic()
    found = ask(root, sql, policy=Policy(timeout_s=0.1))
    assert found == Failure("timeout", "there was no answer within 0.1 seconds", "db")
    assert time.monotonic() - begun < 3.0


def test_address_may_be_a_secret(root: Path) -> None:
    environ = {"ERP": "sqlite:erp.db"}
    assert ask(root, "SELECT 1 AS one", address=Secret("ERP"), environ=environ) == [{"one": 1}]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("sqlite:none.db", "database"),
        ("postgresql://host/db", "database"),
        (Secret("NOT_SET"), "secret-missing"),
    ],
)
def test_start_without_the_database_refuses(root: Path, address: Any, code: str) -> None:
    with pytest.raises(AgentError) as caught:
        ask(root, "SELECT 1", address=address)
    assert caught.value.code == code
