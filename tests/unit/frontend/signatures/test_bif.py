"""BIF networks: every spelling that programs write, and an exact place for every fault."""

import gzip
import importlib.util
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.frontend.signatures import NetworkSignature, read_network

TWO = "variable A { type discrete [ 2 ] { y, n }; }\nvariable B { type discrete [ 2 ] { y, n }; }\n"
A = "probability ( A ) { table 0.4, 0.6; }\n"
B = "probability ( B | A ) { (y) 0.1, 0.9; (n) 0.2, 0.8; }\n"


def read(text: str) -> NetworkSignature:
    signature, found = read_network(text.encode(), "net.bif", None)
    assert signature is not None, [d.headline for d in found]
    assert not found
    return signature


def faults(text, messages, here):
    signature, found = read_network(text.encode(), "net.bif", here)
    assert signature is None
    return [m.removeprefix("corrupt-model ") for m in messages(found)]


def test_bif_rows_by_parent_state_gives_states_parents_tables():
    network = read(TWO + A + B)
    assert network.variables == {"A": ("y", "n"), "B": ("y", "n")}
    assert network.parents == {"A": (), "B": ("A",)}
    assert network.tables == {"A": ((0.4, 0.6),), "B": ((0.1, 0.9), (0.2, 0.8))}


def test_bif_rows_in_another_order_gives_same_table():
    swapped = "probability ( B | A ) { (n) 0.2, 0.8; (y) 0.1, 0.9; }"
    assert read(TWO + A + swapped).tables == read(TWO + A + B).tables


def test_bif_conditional_table_lets_child_change_slowest():
    flat = "probability ( B | A ) { table 0.1, 0.2, 0.9, 0.8; }"
    assert read(TWO + A + flat).tables["B"] == ((0.1, 0.9), (0.2, 0.8))


def test_bif_default_fills_missing_rows():
    text = "probability ( B | A ) { default 0.5, 0.5; (n) 0.2, 0.8; }"
    assert read(TWO + A + text).tables["B"] == ((0.5, 0.5), (0.2, 0.8))


def test_bif_older_style_without_commas_and_with_quotes_is_read():
    text = """// Produced by a program
network "Dog-Problem" { property "author x; y" ; }
variable  "light-on" { //2 values
    type discrete[2] {  "is on"  "false" };
    property "position = (218, 195)" ;
}
variable "family-out" { property it = { a }; type discrete { true false }; }
/* tables */ property end ;
probability ( "light-on"  "family-out" ) { table 0.6 .5e-1 0.4 9.5E-1 ; }
probability ( "family-out" ) { property p; table 1 0; }
"""
    network = read(text)
    assert network.variables == {"light-on": ("is on", "false"), "family-out": ("true", "false")}
    assert network.tables["light-on"] == ((0.6, 0.4), (0.05, 0.95))


def test_bif_names_with_signs_and_letters_are_read():
    text = "variable É_1/2 { type discrete [ 2 ] { <5, >=5.0 }; } probability(É_1/2){table 1,0;}"
    assert read(text).variables == {"É_1/2": ("<5", ">=5.0")}


def test_bif_rounded_row_is_divided_by_its_sum():
    text = "variable A { type discrete [ 3 ] { a, b, c }; } probability ( A ) { table %s; }"
    network = read(text % "0.3333, 0.3333, 0.3333")
    assert sum(network.tables["A"][0]) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["3:9 it is empty"]),
        ("network x {\n", ["2:1 `property` is missing before end of file"]),
        ("network x { }", ["3:9 it declares no variable"]),
        ("variables A { }", ["1:1 a BIF file has no `variables`"]),
        ("variable A { /* x }", ["1:14 a comment is not closed"]),
        ('variable "A { }', ["1:10 a quoted name is not closed"]),
        ("variable A { type continuous; }", ["1:19 variable `A` is continuous, not discrete"]),
        ("variable A { type discrete [ 2 } }", ["1:32 `]` is missing before `}`"]),
        (TWO + "probability ( A ) { table 0.4, x; }", ["3:32 `x` is not a number"]),
        (TWO + "probability ( A ) { table nan, 1; }", ["3:27 `nan` is not a number"]),
        (TWO + A, ["2:10 variable `B` has no probability table"]),
        (TWO + A + A + B, ["4:15 variable `A` has two tables"]),
        (
            TWO + "variable A { type discrete [ 1 ] { x }; }\n" + A + B,
            ["3:10 variable `A` is declared twice"],
        ),
        (TWO + A + B.replace("| A", "| C"), ["4:19 no variable is named `C`"]),
        (
            TWO + A + B.replace("(n)", "(m)"),
            ["4:40 `A` has no state `m`", "4:15 `B` given A=n has no row"],
        ),
        (
            TWO + A + B.replace("(n)", "(y)"),
            ["4:40 `B` given A=y has two rows", "4:15 `B` given A=n has no row"],
        ),
        (
            TWO + A + B.replace("(n)", "(n, y)"),
            ["4:40 a row of `B` names 2 states for 1 parents", "4:15 `B` given A=n has no row"],
        ),
        (TWO + A + B.replace("0.2", "0.3"), ["4:43 a row of `B` sums to 1.1, not to 1"]),
        (
            TWO + A + B.replace("0.2, 0.8", "1.5, -0.5"),
            ["4:43 a row of `B` has a number outside 0 to 1"],
        ),
        (TWO + A + B.replace("0.2, 0.8", "1"), ["4:43 a row of `B` has 1 numbers for 2 states"]),
        (TWO + A.replace("0.4", "0.4, 0") + B, ["3:15 the table of `A` has 3 numbers, not 2"]),
        (
            TWO + "probability ( A | B ) { default 1, 0; }\n" + B,
            ["3:15 its variables form a cycle: A <- B <- A"],
        ),
        (
            TWO.replace("[ 2 ] { y, n }", "[ 3 ] { y, n }", 1) + A + B,
            ["1:10 variable `A` announces 3 states, not 2"],
        ),
        (TWO.replace("y, n", "y, y", 1) + A + B, ["1:39 variable `A` has state `y` twice"]),
    ],
)
def test_bif_damaged_text_reports_the_place(text, expected, messages, here):
    assert faults(text, messages, here) == expected


def test_bif_table_in_the_other_order_gets_a_hint(here):
    text = TWO + A + "probability ( B | A ) { table 0.1, 0.9, 0.2, 0.8; }"
    _, found = read_network(text.encode(), "net.bif", here)
    assert found[0].help() == "write one row for each combination of parent states"


def test_bif_huge_announced_table_is_refused_quickly(messages, here):
    names = [f"V{i}" for i in range(40)]
    text = "".join(f"variable {n} {{ type discrete [ 2 ] {{ y, n }}; }}\n" for n in names)
    text += "".join(f"probability ( {n} ) {{ table 1, 0; }}\n" for n in names[1:])
    text += f"probability ( V0 | {', '.join(names[1:])} ) {{ default 1, 0; }}"
    assert faults(text, messages, here) == ["80:15 the table of `V0` is too large"]


def test_bif_variable_with_too_many_parents_is_refused(messages, here):
    names = [f"V{i}" for i in range(40)]
    text = "".join(f"variable {n} {{ type discrete [ 1 ] {{ y }}; }}\n" for n in names)
    text += "".join(f"probability ( {n} ) {{ table 1; }}\n" for n in names[1:])
    text += f"probability ( V0 | {', '.join(names[1:])} ) {{ default 1; }}"
    assert faults(text, messages, here) == ["80:15 `V0` has more than 32 parents"]


def test_bif_fault_names_the_line_of_the_workflow_too(here):
    _, found = read_network((TWO + A).encode(), "net.bif", here)
    assert found[0].related[0].place == here


names = st.lists(
    st.text("abcXYZ019_-/<>=.é", min_size=1, max_size=5), min_size=1, max_size=4, unique=True
)


@given(names, st.data())
@settings(max_examples=40, deadline=None)
def test_bif_generated_network_is_read_back(variables, data):
    variables = [n.replace("//", "/") or "v" for n in variables]
    variables = list(dict.fromkeys(variables))
    states = {v: [f"s{i}" for i in range(data.draw(st.integers(1, 3)))] for v in variables}
    parents = {v: variables[:i][-2:] for i, v in enumerate(variables)}
    text = "".join(
        f'variable "{v}" {{ type discrete [ {len(s)} ] {{ {", ".join(s)} }}; }}\n'
        for v, s in states.items()
    )
    for v in variables:
        row = ", ".join(["1", *["0"] * (len(states[v]) - 1)])
        text += f"probability ( {' '.join(chr(34) + n + chr(34) for n in [v, *parents[v]])} ) "
        text += f"{{ default {row}; }}\n"
    network = read(text)
    assert network.variables == {v: tuple(s) for v, s in states.items()}
    assert network.parents == {v: tuple(p) for v, p in parents.items()}


@given(st.integers(0, len(TWO + A + B) - 1), st.text('{}();,|"/* \n09.x', max_size=3))
@settings(max_examples=150, deadline=None)
def test_bif_mutated_text_never_raises(at, insert):
    text = TWO + A + B
    signature, found = read_network((text[:at] + insert + text[at + 2 :]).encode(), "n", None)
    assert (signature is None) == bool(found)


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None)
def test_network_random_bytes_never_raises(data):
    signature, found = read_network(data, "net.bif", None)
    assert (signature is None) == bool(found)


def test_bif_comment_between_numbers_is_skipped():
    text = "variable A { type discrete [ 3 ] { x, y, z }; }\n"
    text += "probability ( A ) { table 0.2, // first\n 0.3 /* second */ 0.5; }"
    network, found = read_network(text.encode(), "n.bif", None)
    assert found == []
    assert network is not None
    assert network.tables["A"] == ((0.2, 0.3, 0.5),)


def test_bif_wrong_number_behind_comment_is_placed():
    text = "variable A { type discrete [ 2 ] { x, y }; }\n"
    text += "probability ( A ) { table 0.2, // first\n 0.8x; }"
    _, found = read_network(text.encode(), "n.bif", None)
    assert found[0].place is not None
    assert found[0].place.text == "0.8x"


def test_bif_states_that_are_numbers_keep_their_spelling():
    text = "variable 1 { type discrete [ 3 ] { 0, 1.0, -2 }; }\n"
    text += "probability ( 1 ) { table 0.2 0.3 0.5; }"
    network, _ = read_network(text.encode(), "n.bif", None)
    assert network is not None
    assert network.variables == {"1": ("0", "1.0", "-2")}


def test_bif_packed_file_is_read():
    text = "variable A { type discrete [ 2 ] { x, y }; }\nprobability ( A ) { table 0.2 0.8; }"
    network, found = read_network(gzip.compress(text.encode()), "n.bif.gz", None)
    assert found == []
    assert network is not None


def test_bif_damaged_packed_file_is_a_fault():
    data = gzip.compress(b"variable A { type discrete [ 2 ] { x, y }; }")[:-9]
    network, found = read_network(data, "n.bif.gz", None)
    assert network is None
    assert "damaged gzip file" in found[0].headline


def published() -> list[Path]:
    package = importlib.util.find_spec("pgmpy")
    assert package is not None
    assert package.origin is not None
    return sorted((Path(package.origin).parent / "utils" / "example_models").glob("*.bif.gz"))


@pytest.mark.parametrize("path", published(), ids=lambda path: path.name.split(".")[0])
def test_bif_published_network_is_read(path):
    network, found = read_network(path.read_bytes(), path.name, None)
    assert found == []
    assert network is not None
    for name, rows in network.tables.items():
        heights = [len(network.variables[p]) for p in network.parents[name]]
        assert len(rows) == math.prod(heights)
        assert all(abs(math.fsum(row) - 1) < 1e-9 for row in rows)


def test_bif_published_networks_are_all_there():
    assert len(published()) == 24
