"""`check_rows`: what does not fit the type of a table, with its line."""

import pytest

from kumeo.diagnostics import Span
from kumeo.dialects.data import BOOL, FLOAT, INT, STR, EnumType, OptionType, RecordType
from kumeo.frontend.signatures import table_rows
from kumeo.frontend.signatures.table_rows import check_rows, columns_of

ROW = RecordType.of(
    {
        "name": STR,
        "count": INT,
        "price": OptionType(FLOAT),
        "sold": OptionType(BOOL),
        "kind": OptionType(EnumType.of("new", "old")),
    }
)


def faults(text: str) -> list[tuple[int, str]]:
    """Return the line and the reason of each fault."""
    found = check_rows(text.encode(), "t.csv", None, ROW)
    places = [each.place for each in found]
    lines = [place.line if isinstance(place, Span) else 0 for place in places]
    return [(line, getattr(each, "reason", "")) for line, each in zip(lines, found, strict=True)]


@pytest.mark.parametrize(
    "row", ["a,1,2.5,true,new", "a,1,,,", "a,2.0,1e3,NO,old", ",3,-1,0,", '"x, y",4,,,']
)
def test_row_that_fits_is_no_fault(row: str) -> None:
    assert faults(f"name,count,price,sold,kind\n{row}\n") == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,x,,,", "`count` is no integer"),
        ("a,1.5,,,", "`count` is no integer"),
        ("a,inf,,,", "`count` is no integer"),
        ("a,,,,", "`count` is blank, but may not be null"),
        ("a", "`count` is blank, but may not be null"),
        ("a,1,dear,,", "`price` is no number"),
        ("a,1,,maybe,", "`sold` is no `true` or `false`"),
        ("a,1,,,odl", "`kind` is none of new, old"),
    ],
)
def test_cell_that_does_not_fit_is_named_with_its_line(row: str, reason: str) -> None:
    assert faults(f"name,count,price,sold,kind\nb,1,,,\n{row}\n") == [(3, reason)]


def test_line_of_a_row_counts_line_breaks_in_quotes() -> None:
    assert faults('name,count\n"a\nb",1\nc,x\n') == [(4, "`count` is no integer")]


def test_other_columns_and_delimiters_do_not_matter() -> None:
    assert faults("other;count;name\nx;1;a\n") == []
    assert columns_of(b"a;b, c;d\n") == ("a", "b, c", "d")


def test_value_that_is_misspelt_gets_the_nearest_one() -> None:
    (fault,) = check_rows(b"count,kind\n1,odl\n", "t.csv", None, ROW)
    assert fault.help() == "write `old`"


def test_file_that_is_no_text_is_a_fault() -> None:
    assert [reason for _, reason in faults("")] == ["it is empty"]
    assert len(check_rows(b"\xff\xfe", "t.csv", None, ROW)) == 1


def test_rows_above_the_limit_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "ROWS_MAX", 1)
    assert faults("count\n1\nx\n") == []
