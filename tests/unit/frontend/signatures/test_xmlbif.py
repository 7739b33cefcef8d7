"""XMLBIF networks: the order of tables, real document types, and hostile XML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.frontend.signatures import read_network

NET = """<?xml version="1.0" encoding="US-ASCII"?>
<!DOCTYPE BIF [
  <!ELEMENT BIF ( NETWORK )*>
  <!ATTLIST VARIABLE TYPE (nature|decision|utility) "nature">
]>
<BIF VERSION="0.3"><NETWORK><NAME>Dog</NAME>
<VARIABLE><NAME>light-on</NAME><OUTCOME>true</OUTCOME><OUTCOME>false</OUTCOME>
  <PROPERTY>position = (73, 165)</PROPERTY></VARIABLE>
<VARIABLE TYPE="nature"><NAME> out </NAME><VALUE>t</VALUE><VALUE>f</VALUE></VARIABLE>
<DEFINITION><FOR>light-on</FOR><GIVEN>out</GIVEN>
  <TABLE>0.6 0.4 <!-- given t -->
         0.05 0.95</TABLE></DEFINITION>
<DEFINITION><FOR>out</FOR><TABLE>1 0</TABLE></DEFINITION>
</NETWORK></BIF>
"""


def test_xmlbif_table_lets_child_change_fastest():
    network, found = read_network(NET.encode(), "net.xml", None)
    assert network is not None, [d.headline for d in found]
    assert network.variables == {"light-on": ("true", "false"), "out": ("t", "f")}
    assert network.tables["light-on"] == ((0.6, 0.4), (0.05, 0.95))


def test_xmlbif_sum_fault_is_placed_at_the_row(messages, here):
    _, found = read_network(NET.replace("0.6 ", "0.7 ").encode(), "net.xml", here)
    assert messages(found) == ["corrupt-model 11:10 a row of `light-on` sums to 1.1, not to 1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<BIF>", "corrupt-model 1:6 it is not well-formed XML: no element found"),
        ("<NET/>", "corrupt-model 1:1 its root element is `NET`, not `BIF`"),
        ("<BIF/>", "corrupt-model 3:9 it declares no variable"),
        (NET.replace("1 0<", "1 z<"), "corrupt-model 13:36 `z` is not a number"),
        (
            NET.replace('"nature">', '"utility">', 2).replace('"utility">', '"nature">', 1),
            "corrupt-model 9:1 variable `out` is a utility variable, not `nature`",
        ),
        (
            NET.replace("<FOR>out</FOR>", ""),
            "corrupt-model 13:1 a `DEFINITION` has no `FOR` elements with a text",
        ),
        (
            '<!DOCTYPE BIF [<!ENTITY a "b">]><BIF>&a;</BIF>',
            "unsafe-model 1:16 it declares an XML entity",
        ),
        (
            '<!DOCTYPE BIF [<!ENTITY a SYSTEM "file:///etc/passwd">]><BIF>&a;</BIF>',
            "unsafe-model 1:16 it declares an XML entity",
        ),
        ("<BIF>" + "<A>" * 70, "corrupt-model 1:195 its elements are nested too deep"),
    ],
)
def test_xmlbif_bad_file_reports_the_place(text, expected, messages, here):
    network, found = read_network(text.encode(), "net.xml", here)
    assert network is None
    assert messages(found) == [expected]


@given(st.integers(0, len(NET) - 1), st.text('<>&/"! x0', max_size=3))
@settings(max_examples=150, deadline=None)
def test_xmlbif_mutated_text_never_raises(at, insert):
    data = (NET[:at] + insert + NET[at + 2 :]).encode()
    network, found = read_network(data, "net.xml", None)
    assert (network is None) == bool(found)
