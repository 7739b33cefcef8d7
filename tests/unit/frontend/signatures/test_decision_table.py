"""Decision tables: cell forms, the three formats, places, faults."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.frontend.signatures import read_decision_table
from kumeo.frontend.signatures.table_cells import cell_to_condition

CSV = (
    "# hit: unique\r\nrule,amount,source.country,outcome\r\n"
    'big,> 10,"CL, AR",review\r\nrest,-,,ok\r\n'
)
YAML = """hit_policy: unique
rules:
  - rule: big
    when: {amount: "> 10", source.country: [CL, AR]}
    then: review
  - {rule: rest, when: {}, then: ok}
"""
JSON = json.dumps(
    {
        "hit_policy": "unique",
        "rules": [
            {"rule": "big", "amount": "> 10", "source.country": "CL, AR", "outcome": "review"},
            {"rule": "rest", "outcome": "ok"},
        ],
    }
)


@pytest.mark.parametrize(
    ("cell", "condition"),
    [
        ("", "true"),
        ("-", "true"),
        ("10", "x == 10"),
        ("-5", "x == -5"),
        ("= 1e3", "x == 1e3"),
        ("== 3", "x == 3"),
        ("!= CL", 'x != "CL"'),
        ("> 10", "x > 10"),
        ("<=5", "x <= 5"),
        ("> 20s", "x > 20s"),
        ("> config.limit", "x > config.limit"),
        ("10..20", "(x >= 10 and x <= 20)"),
        ("[10..20)", "(x >= 10 and x < 20)"),
        ("]1.5..2[", "(x > 1.5 and x < 2)"),
        ("true", "x == true"),
        ("null", "x == null"),
        ("CL", 'x == "CL"'),
        ("New York", 'x == "New York"'),
        ("'a, b'", "x == 'a, b'"),
        ("CL, AR", 'x in ["CL", "AR"]'),
        ("< 5, > 10", "(x < 5 or x > 10)"),
        ("1, 2..3", "(x == 1 or (x >= 2 and x <= 3))"),
        ("not CL", 'not (x == "CL")'),
        ("not(1, 2)", "not (x in [1, 2])"),
        ("not (1, 2)", "not (x in [1, 2])"),
        ("not (1..2)", "not ((x > 1 and x < 2))"),
        ("nothing", 'x == "nothing"'),
        ("2026-01-01T10:00:00Z", 'x == "2026-01-01T10:00:00Z"'),
    ],
)
def test_cell_form_gives_condition(cell, condition):
    assert cell_to_condition("x", cell) == condition


@pytest.mark.parametrize(
    "cell",
    [">> 5", "> ", "10..", "[1..2", "1..2)", "a,", ",a", "(", 'a"b', "a; b", "x()", "9" * 2000],
)
def test_cell_unknown_form_gives_none(cell):
    assert cell_to_condition("x", cell) is None


def test_cell_compound_column_is_put_in_parentheses():
    assert cell_to_condition("a + b", "> 1") == "(a + b) > 1"
    assert cell_to_condition("hour(source.at)", "> 1") == "hour(source.at) > 1"


def test_cell_hostile_text_is_refused_quickly():
    assert cell_to_condition("x", "a" * 900 + "!") is None


@pytest.mark.parametrize(("name", "text"), [("t.csv", CSV), ("t.yaml", YAML), ("t.json", JSON)])
def test_table_formats_give_the_same_rules(name, text):
    table, found = read_decision_table(text.encode(), name, None)
    assert table is not None, [d.headline for d in found]
    assert [c.text for c in table.inputs] == ["amount", "source.country"]
    assert table.outputs == ("outcome",)
    assert table.outcomes == ("review", "ok")
    assert table.hit_policy == "unique"
    assert [(r.name, [c.text for c in r.cells], r.outcome) for r in table.rules] == [
        ("big", ["amount > 10", 'source.country in ["CL", "AR"]'], "review"),
        ("rest", ["true", "true"], "ok"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [("t.csv", CSV, "> 10"), ("t.yaml", YAML, '"> 10"'), ("t.json", JSON, '"> 10"')],
)
def test_table_cell_place_covers_the_cell(name, text, written):
    table, _ = read_decision_table(text.encode(), name, None)
    assert table is not None
    assert table.rules[0].cells[0].place.text == written


def test_table_semicolons_and_unnamed_rules_are_read():
    table, _ = read_decision_table(b"\xef\xbb\xbfa;b;out\n1,5;2;x\n", "t.csv", None)
    assert table is not None
    assert [(r.name, [c.text for c in r.cells]) for r in table.rules] == [
        ("rule_1", ["a in [1, 5]", "b == 2"])
    ]


def test_table_arrow_marks_several_outcomes():
    table, _ = read_decision_table(b"a,-> level,-> queue\n1,high,night\n", "t.csv", None)
    assert table is not None
    assert table.outputs == ("level", "queue")
    assert [c.text for c in table.rules[0].outcomes] == ["high", "night"]


@pytest.mark.parametrize("key", ["hit", "hit_policy", "hit-policy", "hit policy"])
def test_table_yaml_hit_policy_has_the_spellings_of_csv(key):
    text = f"{key}: collect\nrules: [{{a: 1, then: x}}]"
    table, found = read_decision_table(text.encode(), "t.yaml", None)
    assert table is not None, [d.headline for d in found]
    assert table.hit_policy == "collect"


def test_table_yaml_word_yes_stays_a_text():
    text = "rules: [{when: {a: yes}, then: no}]"
    table, _ = read_decision_table(text.encode(), "t.yml", None)
    assert table is not None
    assert (table.rules[0].cells[0].text, table.rules[0].outcome) == ('a == "yes"', "no")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("t.csv", "", ["3:9 it is empty"]),
        ("t.csv", "# only\n", ["3:9 it has no header"]),
        ("t.csv", "a,outcome\n", ["1:1 it has no rules"]),
        ("t.csv", "outcome\nx\n", ["1:1 it needs an input column and an outcome column"]),
        ("t.csv", "rule,outcome\nr,x\n", ["1:1 it needs an input column and an outcome column"]),
        ("t.csv", "a,a,out\n1,2,x\n", ["1:3 two columns are named `a`"]),
        ("t.csv", "a,,out\n1,2,x\n", ["1:3 a column has no name"]),
        (
            "t.csv",
            "a,out\n1,2,x\n2\n",
            ["2:1 a row has 3 cells for 2 columns", "3:1 a row has 1 cells for 2 columns"],
        ),
        ("t.csv", "a,out\n >> 1,x\n", ["2:2 the cell `>> 1` has an unknown form"]),
        ("t.csv", "a,out\n1,\n", ["2:3 rule `rule_1` has no outcome"]),
        ("t.csv", "rule,a,out\nr,1,x\nr,2,y\n", ["3:1 two rules are named `r`"]),
        ("t.csv", 'a,out\n"1,x\n', ["2:1 the quotes of a cell are wrong"]),
        ("t.csv", "# hit: firts\na,out\n1,x\n", ["1:8 `firts` is not a hit policy"]),
        ("t.csv", "# hit: collect sum,,\na,out\n1,x\n", ["1:8 `collect sum` is not a hit policy"]),
        (
            "t.yaml",
            "rules:\n  - when: {a: > 1}\n    then: x\n",
            ["2:15 it is not YAML: found character '>' that cannot start any token"],
        ),
        ("t.yaml", "rules: &r\n  - when: *r\n", ["1:8 it uses an alias (`*name`)"]),
        ("t.yaml", "a: 1\na: 2\n", ["2:1 key `a` is used twice"]),
        ("t.yaml", "rules: 3\n", ["1:1 it has no list `rules`"]),
        ("t.yaml", "rules: [{a: 1, then: x}]\nmode: all\n", ["2:7 a table has no key `mode`"]),
        ("t.yaml", "- 3\n", ["1:3 a rule must be an object"]),
        ("t.yaml", "- {when: 3, then: x}\n", ["1:10 `when` must be an object"]),
        ("t.yaml", "- {when: {a: {b: 1}}, then: x}\n", ["1:14 a cell must be a text or a number"]),
        ("t.yaml", "- {when: {a: 1}, than: x}\n", ["1:24 a rule with `when` has no key `than`"]),
        (
            "t.yaml",
            "inputs: [a]\nrules: [{when: {b: 1}, then: x}]\n",
            ["2:20 no column is named `b`"],
        ),
        ("t.yaml", "{? [a] : 1}", ["1:4 a key is no text"]),
        ("t.json", "[", ["1:2 it is not JSON: a value is expected here"]),
        ("t.json", "[]", ["1:1 it needs an input column and an outcome column"]),
    ],
)
def test_table_fault_reports_the_place(name, text, expected, messages, here):
    table, found = read_decision_table(text.encode(), name, here)
    assert table is None
    assert messages(found) == [f"invalid-decision-table {line}" for line in expected]


@given(st.sampled_from([("t.csv", CSV), ("t.yaml", YAML), ("t.json", JSON)]), st.data())
@settings(max_examples=250, deadline=None)
def test_table_mutated_text_never_raises(case, data):
    name, text = case
    at = data.draw(st.integers(0, len(text) - 1))
    insert = data.draw(st.text("{}[]\",:;-> \n#&*!'.x1(", max_size=3))
    table, found = read_decision_table((text[:at] + insert + text[at + 1 :]).encode(), name, None)
    assert (table is None) == bool(found)


@given(st.text(max_size=40), st.sampled_from(["t.csv", "t.yaml", "t.json", "t"]))
@settings(max_examples=250, deadline=None)
def test_table_any_text_never_raises(text, name):
    table, found = read_decision_table(text.encode(), name, None)
    assert (table is None) == bool(found)


@given(st.text("0123456789.ab\"'()[]<>=!-, not", max_size=30))
@settings(max_examples=300, deadline=None)
def test_cell_any_text_never_raises(cell):
    assert cell_to_condition("x", cell) != ""


@pytest.mark.parametrize(
    ("policy", "fix"),
    [
        ("U", "write `unique`"),
        ("P", "put rules of higher priority first and write `first`"),
        ("Priority", "put rules of higher priority first and write `first`"),
        ("output_order", "put rules of higher priority first and write `collect`"),
        ("rule order", "write `collect`, which keeps the order of the rules"),
        ("C+", "write `collect`; decisions are names, which are not counted or added up"),
        ("collect min", "write `collect`; decisions are names, which are not counted or added up"),
        ("zebra", "the policies are first, unique, any, collect"),
    ],
)
def test_table_policy_of_dmn_is_told_what_comes_nearest(policy, fix):
    _, found = read_decision_table(f"# hit: {policy}\na,out\n1,x\n".encode(), "t.csv", None)
    assert [each.help() for each in found] == [fix]
