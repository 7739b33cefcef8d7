"""The operations that expressions become."""

import pytest

from kumeo.testing.expressions import build, build_condition

COUNTRY = '%0 = data.get %source["country"] : !data.option<!data.str>\n'

OPERATIONS = {
    "source.amount": '%0 = data.get %source["amount"] : f64\n',
    "config.limit": "",
    "now()": "",
    "-9223372036854775808": "%0 = data.constant -9223372036854775808 : i64\n",
    'source.country ?? "CL"': COUNTRY
    + '%1 = data.constant "CL" : !data.str\n%2 = data.coalesce %0, %1 : !data.str\n',
    "source.country == null": COUNTRY + "%1 = data.is_some %0\n%2 = data.not %1\n",
    "source.country != null": COUNTRY + "%1 = data.is_some %0\n",
    "source.country == source.name": COUNTRY
    + '%1 = data.get %source["name"] : !data.str\n'
    + "%2 = data.some %1 : !data.option<!data.str>\n"
    + "%3 = data.compare eq, %0, %2 : !data.option<!data.str>\n",
    "source.amount > 5": '%0 = data.get %source["amount"] : f64\n'
    + "%1 = data.constant 5.0 : f64\n%2 = data.compare gt, %0, %1 : f64\n",
    "source.raw > 5": '%0 = data.get %source["raw"] : !data.json\n'
    + "%1 = data.constant 5 : i64\n%2 = data.cast %0 : f64\n%3 = data.cast %1 : f64\n"
    + "%4 = data.compare gt, %2, %3 : f64\n",
    "1h + source.at": "%0 = data.constant 3600000000 : !data.duration\n"
    + '%1 = data.get %source["at"] : !data.time\n%2 = data.add %1, %0 : !data.time\n',
    "1 / 2": "%0 = data.constant 1 : i64\n%1 = data.constant 2 : i64\n"
    + "%2 = data.cast %0 : f64\n%3 = data.cast %1 : f64\n%4 = data.div %2, %3 : f64\n",
    "lower(source.name)": '%0 = data.get %source["name"] : !data.str\n'
    + '%1 = data.call "lower"(%0) : !data.str\n',
    "[x + config.limit for x in [1.0]]": "%0 = data.constant 1.0 : f64\n"
    + "%1 = data.list [%0] : !data.list<f64>\n%2 = data.map %x: f64 in %1 -> f64 {\n"
    + "  %3 = data.add %x, %limit : f64\n  data.yield %3 : f64\n}\n",
    "all(x > 1 for x in [1.0])": "%0 = data.constant 1.0 : f64\n"
    + "%1 = data.list [%0] : !data.list<f64>\n%2 = data.all %x: f64 in %1 {\n"
    + "  %3 = data.constant 1.0 : f64\n  %4 = data.compare gt, %x, %3 : f64\n"
    + "  data.yield %4 : i1\n}\n",
}


@pytest.mark.parametrize("text", OPERATIONS)
def test_build_expression_gives_operations(text: str) -> None:
    assert build(text).ir == OPERATIONS[text]


def test_condition_json_is_checked_when_it_runs() -> None:
    assert build_condition("source.raw").ir.endswith("%1 = data.cast %0 : i1\n")


def test_build_narrowed_path_is_unwrapped_once() -> None:
    built = build("source.country != null and lower(source.country) == source.country")
    assert (built.codes, built.ir.count("data.unwrap")) == ([], 1)


def test_build_equality_of_enum_keeps_declared_order() -> None:
    assert '!data.enum<"low", "medium", "high">' in build("source.level < high").ir


def test_build_map_literal_uses_map_op() -> None:
    assert "data.map" in build("{a: 1}", "{string: float}").ir


def test_build_poison_stops_at_the_fault() -> None:
    assert "data.add" not in build("source.nothing + 1").ir
