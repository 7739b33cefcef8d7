"""`Database` on CSV and Parquet files."""

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import pytest
from kumeo_runtime.agents import AgentError, Database, Policy, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Json, Record


class Rate(Record):
    country: str
    rate: float
    since: str | None = None
    open: bool = False


@pytest.fixture
def root(tmp_path: Path) -> Path:
    text = "country,rate,since,open\nCL,0.19,2003-10-01,true\nNO,0.25,,false\n"
    (tmp_path / "rates.csv").write_text(text)
    (tmp_path / "names.csv").write_text("country,name\nCL,Chile\n")
    make = f"COPY (SELECT * FROM '{tmp_path}/rates.csv') TO '{tmp_path}/rates.parquet'"
    duckdb.execute(make)
    return tmp_path


def ask(root: Path, sql: str, file: str = "rates.csv", **given: Any) -> Any:
    policy, values = given.pop("policy", None), given.pop("values", {})
    agent: Database[Any] = Database(
        site="t",
        sql=sql,
        tables={"rates": file, "names": "names.csv"},
        result=given.pop("result", list[Json]),
        policy=policy,
    )

    async def run() -> Any:
        await agent.start(Resources(root=root))
        try:
            return await agent(MemoryCall(), **values)
        finally:
            await agent.stop()

    return asyncio.run(run())


@pytest.mark.parametrize("file", ["rates.csv", "rates.parquet"])
def test_rows_have_the_types_of_the_columns(root: Path, file: str) -> None:
    found = ask(root, "SELECT * FROM rates ORDER BY country", file, result=list[Rate])
    assert found == [
        Rate(country="CL", rate=0.19, since="2003-10-01", open=True),
        Rate(country="NO", rate=0.25),
    ]


def test_values_are_bound(root: Path) -> None:
    sql = "SELECT rate FROM rates WHERE country = :c"
    assert ask(root, sql, values={"c": "CL"}) == [{"rate": 0.19}]
    assert ask(root, sql, values={"c": "x' OR 1=1 --"}) == []


def test_tables_can_be_joined(root: Path) -> None:
    sql = "SELECT name, rate FROM rates JOIN names USING (country)"
    assert ask(root, sql) == [{"name": "Chile", "rate": 0.19}]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM read_csv('names.csv')", "disabled"),
        ("SELECT * FROM 'rates.parquet'", "disabled"),
        ("COPY rates TO 'stolen.csv'", "one `SELECT`"),
        ("SET enable_external_access = true", "one `SELECT`"),
        ("DELETE FROM rates", "one `SELECT`"),
        ("SELECT 1; SELECT 2", "one `SELECT`"),
        ("ATTACH 'x.db'", "one `SELECT`"),
        ("SELECT absent FROM rates", "absent"),
        ("SELECT :c", "`:c` is not given"),
        ("SELEKT", "syntax error"),
    ],
)
def test_query_that_may_not_run_fails(root: Path, sql: str, said: str) -> None:
    found = ask(root, sql)
    assert isinstance(found, Failure)
    assert (found.code, said in found.message) == ("attempt-failed", True), found.message
    assert not (root / "stolen.csv").exists()


def test_names_of_folders_are_no_columns(root: Path) -> None:
    (root / "year=2026").mkdir()
    (root / "year=2026" / "a.csv").write_text("a\n1\n")
    assert ask(root, "SELECT * FROM rates", "year=2026/a.csv") == [{"a": 1}]


def test_query_that_takes_too_long_is_interrupted(root: Path) -> None:
    sql = "SELECT count(*) AS n FROM range(100000000) a, range(1000000) b WHERE a.range > b.range"
    found = ask(root, sql, policy=Policy(timeout_s=0.2))
    assert found == Failure("timeout", "there was no answer within 0.2 seconds", "t")


@pytest.mark.parametrize("file", ["absent.csv", "absent.parquet", "notes.txt"])
def test_file_that_is_no_table_refuses_the_start(root: Path, file: str) -> None:
    with pytest.raises(AgentError, match=file) as refused:
        ask(root, "SELECT 1", file)
    assert refused.value.code == "database"
