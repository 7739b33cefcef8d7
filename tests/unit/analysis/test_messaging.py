"""Names, sizes and observations of the messaging level."""

import pytest
from xdsl.dialects.builtin import f64, i64
from xdsl.ir import Attribute

from kumeo.analysis.observing import always_has_text
from kumeo.analysis.sizes import message_size, size_of
from kumeo.analysis.tokens import WorkflowNames, token_of, tokens_of, workflow_token
from kumeo.dialects.data import JSON, STR, EnumType, ListType, OptionType, RecordType


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("FraudDetection", "fraud_detection"),
        ("HTTPIntake2", "http_intake2"),
        ("already_plain", "already_plain"),
        ("A b.c", "a_b_c"),
    ],
)
def test_workflow_token_parts_words(name: str, token: str) -> None:
    assert workflow_token(name) == token


def test_tokens_of_names_that_share_one_are_told_apart_in_any_order() -> None:
    names = ["run.a", "run:a", "run_a"]
    found = tokens_of(names)
    assert found == tokens_of(reversed(names))
    assert found["run_a"] == "run_a"
    assert len(set(found.values())) == 3


def test_tokens_of_long_names_are_cut_and_differ() -> None:
    long = "a" * 100
    found = tokens_of([f"{long}.1", f"{long}.2"])
    assert all(len(token) == 64 for token in found.values())
    assert len(set(found.values())) == 2


@pytest.mark.parametrize("text", ["a.b", "a b", "a*", ">", "ä"])
def test_token_of_text_is_one_part_of_a_subject(text: str) -> None:
    assert not set(token_of(text)) & set(". *>ä")


def test_names_of_a_source_tell_workflows_apart() -> None:
    one, two = WorkflowNames("One"), WorkflowNames("Two")
    assert one.source_stream("nats", "a.b") == two.source_stream("nats", "a.b") == "{ns}_S_a_b"
    assert one.source_durable("s") != two.source_durable("s")
    assert one.source_stream("http", "/x") == "{ns}_one_I"


def test_size_of_record_counts_names_and_values() -> None:
    small, large = RecordType.of({"a": i64}), RecordType.of({"a": i64, "b": STR})
    assert size_of(small) < size_of(large) < size_of(ListType(large))
    assert size_of(OptionType(f64)) == size_of(f64)


def test_message_size_grows_with_the_event() -> None:
    assert message_size([i64], 100) == message_size([i64]) + 100


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        (i64, True),
        (EnumType.of("a"), True),
        (RecordType.of({"a": OptionType(STR), "b": ListType(i64)}), True),
        (f64, False),
        (JSON, False),
        (ListType(RecordType.of({"a": f64})), False),
    ],
)
def test_always_has_text_tells_what_may_be_infinite(type: Attribute, expected: bool) -> None:
    assert always_has_text(type) is expected
