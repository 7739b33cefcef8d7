"""Names of parameters become numbers, but only where a parameter can stand."""

import pytest
from kumeo_runtime.databases.named import numbered


@pytest.mark.parametrize(
    ("sql", "wanted", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("a = :x AND b = :y", "a = $1 AND b = $2", ("x", "y")),
        ("a = :x OR b = :x", "a = $1 OR b = $1", ("x",)),
        ("a::text = :x", "a::text = $1", ("x",)),
        ("a = ':x' AND b = 'it''s :y'", "a = ':x' AND b = 'it''s :y'", ()),
        ('":x" = :x', '":x" = $1', ("x",)),
        ("a -- :x\n= :y", "a -- :x\n= $1", ("y",)),
        ("/* :x\n*/ :y", "/* :x\n*/ $1", ("y",)),
        ("$$ :x $$ || :y", "$$ :x $$ || $1", ("y",)),
        ("$a$ :x $b$ :y $a$ || :z", "$a$ :x $b$ :y $a$ || $1", ("z",)),
        ("a[1:2] = :x", "a[1:2] = $1", ("x",)),
    ],
)
def test_numbered_takes_names_outside_of_texts_and_comments(
    sql: str, wanted: str, names: tuple[str, ...]
) -> None:
    assert numbered(sql) == (wanted, names)
