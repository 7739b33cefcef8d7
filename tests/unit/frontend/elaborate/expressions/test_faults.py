"""Faults in expressions: one diagnostic each, with its place and help."""

import pytest

from kumeo.testing.expressions import build, build_condition

FAULTS = {
    # names
    "sorce.amount": ("unknown-name", "sorce", "write `source`"),
    "source.amuont": ("unknown-field", "amuont", "write `amount`"),
    "config.limt": ("unknown-field", "limt", "write `limit`"),
    "context.policy": ("unknown-field", "policy", "write `policies`"),
    "config": ("unknown-name", "config", "name an entry: `config.…`"),
    "Level.hihg": ("unknown-value", "Level.hihg", "write `high`"),
    "source.level == hihg": ("unknown-value", "hihg", "write `high`"),
    'source.level == "hihg"': ("unknown-value", '"hihg"', "write `high`"),
    "source.level in [low, hihg]": ("unknown-value", "hihg", "write `high`"),
    "high": (
        "unknown-name",
        "high",
        "a bare enum value stands only beside a `Level`; write `Level.high`",
    ),
    "lowr(source.name)": ("unknown-function", "lowr", "write `lower`"),
    "length(source.name)": ("unknown-function", "length", "write `len`"),
    "source.name.lower()": ("unknown-function", "lower", "write `lower(source.name)`"),
    "source.at.hour": ("unknown-field", "hour", "write `hour(source.at)`"),
    "source.scores.a": ("unknown-field", "a", 'write `source.scores["a"]`'),
    "source.tags.length": ("unknown-field", "length", "write `len(source.tags)`"),
    "any(source > 1 for source in [1])": ("shadowed-name", "source", "choose another name"),
    # null
    "source.country + 'x'": (
        "null-not-handled",
        "source.country",
        'write `source.country ?? "unknown"`, or use it only where `source.country != null`',
    ),
    "source.maybe.price": ("null-not-handled", "source.maybe", "write `source.maybe?.price`"),
    "source.few[0]": (
        "null-not-handled",
        "source.few",
        "write `source.few ?? …`, or use it only where `source.few != null`",
    ),
    "lower(source.country)": (
        "null-not-handled",
        "source.country",
        'write `source.country ?? "unknown"`, or use it only where `source.country != null`',
    ),
    "[x for x in source.few]": ("null-not-handled", "source.few", "write `source.few ?? []`"),
    "source.sure and true": (
        "null-not-handled",
        "source.sure",
        "write `source.sure ?? false`, or `source.sure != null`",
    ),
    "source.country or true": (
        "null-not-handled",
        "source.country",
        "write `source.country != null` to ask whether it exists",
    ),
    "1 in source.few": (
        "null-not-handled",
        "source.few",
        "write `source.few != null and …`, or give a default with `??`",
    ),
    "source.country > 'a'": (
        "null-not-handled",
        "source.country",
        'write `source.country ?? "unknown"`, or use it only where `source.country != null`',
    ),
    # types
    "source.amount > '10'": ("type-mismatch", "source.amount > '10'", "write `10` without quotes"),
    "source.name == source.level": (
        "type-mismatch",
        "source.name == source.level",
        "write `to_string(source.level)` to compare texts",
    ),
    "source.age > 20": (
        "type-mismatch",
        "source.age > 20",
        "write `seconds(source.age)`, or give the number a unit such as `20s`",
    ),
    "source.flag < true": ("type-mismatch", "source.flag < true", None),
    "source.name + 5": (
        "type-mismatch",
        "source.name + 5",
        "write `source.name + to_string(5)`",
    ),
    "source.age / 2": (
        "type-mismatch",
        "source.age / 2",
        "multiply with a fraction: `source.age * 0.5`",
    ),
    "source.at + source.at": ("type-mismatch", "source.at + source.at", None),
    "-source.name": ("type-mismatch", "-source.name", None),
    "not source.count": (
        "type-mismatch",
        "source.count",
        "compare the value with something, for example `!= …`",
    ),
    "1 in source.count": ("type-mismatch", "source.count", None),
    "1 in source.tags": ("type-mismatch", "1", 'write `"1"`'),
    '[1, "a"]': ("type-mismatch", '"a"', None),
    "source.name[0]": ("type-mismatch", "source.name", "write `substring(source.name, …, …)`"),
    "source.country ?? 5": ("type-mismatch", "5", 'write `"5"`'),
    "[x for x in source.count]": ("type-mismatch", "source.count", None),
    "Level?": ("type-mismatch", "Level?", "remove the `?`; to test for null write `!= null`"),
    # literals
    "9223372036854775808": (
        "integer-range",
        "9223372036854775808",
        "the limits are -9223372036854775808 and 9223372036854775807; a float is `1.0e19`",
    ),
    "source.count / 0": ("division-by-zero", "0", "divide by a number that is not zero"),
    "source.count % 0": ("division-by-zero", "0", "divide by a number that is not zero"),
    "source.age / 0s": ("division-by-zero", "0s", "divide by a number that is not zero"),
    "source.at > '2026-13-01'": (
        "invalid-timestamp",
        "'2026-13-01'",
        'write it like `"2026-01-31T10:00:00Z"`',
    ),
    "{a: 1, a: 2}": ("duplicate-key", "a", "remove one `a`"),
    # calls
    "split(source.name)": (
        "wrong-arguments",
        "split(source.name)",
        "it is called as\n`split(string, string) → [string]`",
    ),
    "hour(5)": ("wrong-arguments", "hour(5)", "it is called as\n`hour(timestamp) → int`"),
    "lower(text: source.name)": (
        "wrong-arguments",
        "text: source.name",
        "it is called as\n`lower(string) → string`",
    ),
    "now(5)": ("wrong-arguments", "now(5)", "it is called as\n`now()`"),
    "len()": (
        "wrong-arguments",
        "len()",
        "it is called as\n`len(string)`\n`len([T])`\n`len({string: T})`\n`len(json)`",
    ),
    # warnings
    "source.name ?? 'x'": (
        "not-optional",
        "source.name",
        "remove the `??`, or declare the value as `string?`",
    ),
    "source.name == null": (
        "not-optional",
        "source.name",
        "remove the `== null`, or declare the value as `string?`",
    ),
    "source.item?.sku": (
        "not-optional",
        "source.item",
        "remove the `?.`, or declare the value as `Item?`",
    ),
}


@pytest.mark.parametrize("text", FAULTS)
def test_build_fault_is_one_diagnostic_at_its_place(text: str) -> None:
    built = build(text)
    code, caret, _ = FAULTS[text]
    assert (built.codes, built.carets) == ([code], [caret])


@pytest.mark.parametrize("text", FAULTS)
def test_build_fault_has_help(text: str) -> None:
    assert build(text).helps == [FAULTS[text][2]]


EXPECTED = {
    ("source.name", "float"): ("type-mismatch", "write `to_float(source.name)`"),
    ("'5'", "int"): ("type-mismatch", "write `5` without quotes"),
    ("source.amount", "int"): ("type-mismatch", "write `round(source.amount)`"),
    ("source.amount", "string"): ("type-mismatch", "write `to_string(source.amount)`"),
    ("source.name", "timestamp"): ("type-mismatch", "write `timestamp(source.name)`"),
    ("source.name", "[string]"): ("type-mismatch", "write `[source.name]`"),
    ("source.name", "Level"): ("type-mismatch", None),
    ("source.country", "string"): (
        "null-not-handled",
        'write `source.country ?? "unknown"`, or use it only where `source.country != null`',
    ),
    ("source.item", "Verdict"): ("type-mismatch", None),
    ("hihg", "Level"): ("unknown-value", "write `high`"),
    ("{level: high, raeson: 'x'}", "Verdict"): ("unknown-field", "write `reason`"),
    ("{reason: 'x'}", "Verdict"): ("missing-field", "add `level: …`"),
    ("[1, 'a']", "[int]"): ("type-mismatch", None),
    ("{a: 'x'}", "{string: int}"): ("type-mismatch", None),
}


@pytest.mark.parametrize(("text", "expected"), EXPECTED)
def test_build_wrong_expected_type_is_reported(text: str, expected: str) -> None:
    built = build(text, expected)
    assert list(zip(built.codes, built.helps, strict=True)) == [EXPECTED[text, expected]]


NEVER_NULL = [
    *("upper(null)", "min(1, null)", "1 + null", "null * 2", "-null", "not null"),
    *("true and null", "1 < null", "null in null", "[1][null]", "[x for x in null]"),
]


@pytest.mark.parametrize("text", NEVER_NULL)
def test_build_null_where_it_never_fits_is_reported(text: str) -> None:
    built = build(text)
    assert (built.codes, built.carets) == (["type-mismatch"], ["null"])


QUIET = [
    "sorce.level == high",
    "high == sorce.level",
    "sorce.level in [low, high]",
    "(sorce + 1) * 2 > 3 and true",
    "lower(sorce)",
    "[sorce, 1]",
    "{a: sorce, b: 2}",
    "[x + 1 for x in sorce]",
    "all(x > sorce for x in [1])",
    "sorce ?? 5",
    "sorce[0].a?.b",
]


@pytest.mark.parametrize("text", QUIET)
def test_build_fault_below_other_operators_is_reported_once(text: str) -> None:
    assert build(text).codes == ["unknown-name"]


def test_build_two_faults_are_two_diagnostics() -> None:
    built = build("{a: sorce, b: source.nme, c: lowr('x')}")
    assert built.codes == ["unknown-name", "unknown-field", "unknown-function"]


def test_build_mismatch_of_records_names_the_field() -> None:
    assert "the field `level` is missing" in build("source.item", "Verdict").messages


def test_build_mismatch_shows_where_the_type_is_declared() -> None:
    assert "`Verdict` is declared here" in build("source.item", "Verdict").messages


def test_condition_option_of_bool_suggests_a_default() -> None:
    helps = build_condition("source.sure").helps
    assert helps == ["write `source.sure ?? false`, or `source.sure != null`"]


def test_condition_string_is_a_mismatch() -> None:
    assert build_condition("source.name").codes == ["type-mismatch"]
