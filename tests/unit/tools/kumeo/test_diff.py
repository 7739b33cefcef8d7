"""`kumeo diff`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OLD = """\
schema Order {
  id: string
  amount: float
}

workflow Orders {
  source: NATS("orders", schema: Order)
  target: { big: NATS("big"), small: NATS("small") }
  agents: [
    LLM(id: "judge", engine: "ollama/llama3", prompt: "Judge {{ source.id }}")
    HumanReview(id: "check", input: judge, timeout: 1h, on_timeout: "reject")
    if source.amount > 10.0 {
      emit { id: source.id, why: judge.text, by: check.by } to target.big
    } else {
      emit source to target.small
    }
  ]
}
"""


@pytest.fixture
def diff(kumeo: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Compare `OLD` with a text in which some words are replaced."""

    def run(*changes: tuple[str, str], options: tuple[str, ...] = ()) -> Any:
        text = OLD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        Path("old.kumeo").write_text(OLD)
        Path("new.kumeo").write_text(text)
        return kumeo("diff", "old.kumeo", "new.kumeo", *options)

    return run


def test_diff_equal_files_say_so(diff: Callable[..., Any]) -> None:
    assert diff() == (0, "same meaning\n", "")


def test_diff_names_and_layout_do_not_matter(diff: Callable[..., Any]) -> None:
    result = diff(("if source.amount > 10.0", "large = source.amount > 10.0\n    if large"))
    assert result == (0, "same meaning\n", "")


def test_diff_expression_written_in_another_way_is_tried(diff: Callable[..., Any]) -> None:
    result = diff(("source.amount > 10.0", "not (source.amount <= 10.0)"))
    assert result.code == 0
    assert " ~ Orders/emit:big: its condition is computed in another way\n" in result.out
    assert result.out.endswith("generated events; this is no proof\nsame meaning\n")


def test_diff_expression_not_tried_counts(diff: Callable[..., Any]) -> None:
    change = ("source.amount > 10.0", "not (source.amount <= 10.0)")
    assert diff(change, options=("--events", "0")).code == 1


def test_diff_border_moved_shows_an_event(diff: Callable[..., Any]) -> None:
    result = diff(("source.amount > 10.0", "source.amount >= 10.0"))
    assert result.code == 1
    assert "'amount': 10.0" in result.out


def test_diff_new_prompt_is_shown(diff: Callable[..., Any]) -> None:
    result = diff(("Judge {{", "Weigh {{"))
    assert result.code == 1
    line = "~ Orders/judge: text of prompt: Judge {{ source.id }} -> Weigh {{ source.id }}\n"
    assert line in result.out


def test_diff_new_required_field_breaks_waiting_events(diff: Callable[..., Any]) -> None:
    result = diff(("  amount: float\n", "  amount: float\n  note: string\n"))
    assert "  ~ Orders/source: payload: + note: string\n" in result.out
    assert " !~ Orders/source: waiting events do not fit the new schema" in result.out
    assert "1 break for events in flight" in result.out


def test_diff_new_optional_field_fits_waiting_events(diff: Callable[..., Any]) -> None:
    result = diff(("  amount: float\n", "  amount: float\n  note: string?\n"))
    assert "waiting events fit the new schema" in result.out
    assert "!" not in result.out


def test_diff_renamed_review_loses_open_tasks(diff: Callable[..., Any]) -> None:
    result = diff(('"check"', '"control"'), ("check.by", "control.by"))
    assert " !- Orders/check: open tasks of it are lost\n" in result.out


def test_diff_moved_subject_and_new_target_are_told(diff: Callable[..., Any]) -> None:
    result = diff(('NATS("big")', 'NATS("large")'))
    assert "  ~ Orders/big: at: nats big -> nats large\n" in result.out


def test_diff_more_attempts_change_the_cost(diff: Callable[..., Any]) -> None:
    result = diff(('source.id }}")', 'source.id }}", retry: 4)'))
    assert "cost\n  ~ Orders: calls: 2 calls -> 5 calls\n" in result.out


def test_diff_json_holds_the_verdict(diff: Callable[..., Any]) -> None:
    result = diff(('NATS("big")', 'NATS("large")'), options=("--json",))
    told = json.loads(result.out)
    assert told["same"] is False
    assert [(c["sign"], c["area"]) for c in told["changes"]] == [("~", "target")]


def test_diff_broken_file_is_wrong_usage(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("old.kumeo").write_text(OLD)
    Path("new.kumeo").write_text("workflow {")
    result = kumeo("diff", "old.kumeo", "new.kumeo")
    assert (result.code, result.out) == (2, "")
    assert "error[" in result.err


def test_diff_two_standard_inputs_are_wrong_usage(kumeo: Callable[..., Any]) -> None:
    assert kumeo("diff", "-", "-").code == 2
