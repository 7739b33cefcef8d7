"""`kumeo test`: verdicts, reports and exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Kumeo = Callable[..., Any]

EXAMPLES = Path(__file__).parents[4] / "examples"
BIG = 'given: { id: "a", amount: 20.0 } mock: { judge: { text: "large" } }'


@pytest.fixture
def verdict_of(kumeo: Kumeo, orders: str) -> Callable[..., Any]:
    """Run a workflow with one test of the given body."""

    def call(body: str, *arguments: str) -> Any:
        text = f'{orders}test "the case" for Orders {{ {body} }}\n'
        return kumeo("test", "-", *arguments, stdin=text)

    return call


def test_test_as_expected_passes(verdict_of: Kumeo) -> None:
    result = verdict_of(f'{BIG} expect: {{ big: [{{ id: "a", why: "large" }}], small: [] }}')
    assert result == (0, "ok the case\n1 passed, 0 failed\n", "")


def test_test_pattern_names_only_what_matters(verdict_of: Kumeo) -> None:
    assert verdict_of(f"{BIG} expect: {{ big: [{{ amount: 20.0 }}] }}").code == 0


def test_test_other_value_fails_with_a_diff(verdict_of: Kumeo) -> None:
    result = verdict_of(f'{BIG} expect: {{ big: [{{ id: "b", why: "large" }}] }}')
    assert result.code == 1
    assert result.out == (
        "FAILED the case\n"
        "  --> <stdin>:18\n"
        "  `big` differs at `.id`\n"
        "      {\n"
        '    -   "id": "b"\n'
        '    +   "id": "a"\n'
        '        "why": "large"\n'
        "      }\n"
        "    (- expected, + what came)\n"
        "0 passed, 1 failed\n"
    )


def test_test_missing_message_fails(verdict_of: Kumeo) -> None:
    result = verdict_of(f"{BIG} expect: {{ small: [{{}}] }}")
    assert "`small` gets no message, expected 1" in result.out


def test_test_message_too_many_fails(verdict_of: Kumeo) -> None:
    result = verdict_of(f"{BIG} expect: {{ big: [] }}")
    assert "`big` gets 1 message, expected 0" in result.out


def test_test_unnamed_target_is_not_judged(verdict_of: Kumeo) -> None:
    assert verdict_of(f"{BIG} expect: {{ small: [] }}").code == 0


def test_test_messages_are_compared_in_order(verdict_of: Kumeo) -> None:
    given = 'given: [{ id: "a", amount: 1.0 }, { id: "b", amount: 2.0 }]'
    right = verdict_of(f'{given} expect: {{ small: [{{ id: "a" }}, {{ id: "b" }}] }}')
    wrong = verdict_of(f'{given} expect: {{ small: [{{ id: "b" }}, {{ id: "a" }}] }}')
    assert (right.code, wrong.code) == (0, 1)
    assert "message 2 of `small` differs at `.id`" in wrong.out


def test_test_number_of_calls_is_checked(verdict_of: Kumeo) -> None:
    result = verdict_of(f"{BIG} expect: {{}} calls: {{ judge: 3 }}")
    assert "`judge` is called once, expected 3 times" in result.out


FAILING = 'given: { id: "a", amount: 20.0 } mock: { judge: [{ fail: "down" }] }'


def test_test_failure_that_nobody_handles_fails(verdict_of: Kumeo) -> None:
    result = verdict_of(f"{FAILING} expect: {{ big: [] }}")
    assert result.code == 1
    assert "an event failed: down (agent `judge`) [attempt-failed]" in result.out


def test_test_expected_dead_letter_passes(verdict_of: Kumeo) -> None:
    expected = 'big: [], dead_letter: [{ error: { message: "down" }, event: { id: "a" } }]'
    assert verdict_of(f"{FAILING} expect: {{ {expected} }}").code == 0


HANDLED = """
  workflow W {
    source: NATS("in", schema: Item)
    target: { out: NATS("out"), errors: NATS("errors") }
    on_error: target.errors
    agents: [ emit source to target.out ]
  }
  schema Item { id: string }
  test "t" for W { given: { idd: "a" } expect: { EXPECT } }
"""


def test_test_failed_tells_of_a_failure_that_a_target_got(kumeo: Kumeo) -> None:
    result = kumeo("test", "-", stdin=HANDLED.replace("EXPECT", "out: [{}]"))
    assert '`errors` got a failure: the field "id" is missing [invalid-event]' in result.out


def test_test_passed_says_nothing_of_a_handled_failure(kumeo: Kumeo) -> None:
    assert kumeo("test", "-", stdin=HANDLED.replace("EXPECT", "out: []")).code == 0


def test_test_verbose_shows_what_happened(verdict_of: Kumeo) -> None:
    out = verdict_of(f"{BIG} expect: {{ big: [] }}", "--verbose").out
    assert '  | event-1: judge -> {"text": "large"}\n' in out
    assert '  | sent to big: {"id": "a", "why": "large", "amount": 20.0}\n' in out


def test_test_colour_marks_the_diff(verdict_of: Kumeo) -> None:
    out = verdict_of(f'{BIG} expect: {{ big: [{{ id: "b" }}] }}', "--color", "always").out
    assert '\x1b[31m-   "id": "b"\x1b[0m' in out


def test_test_json_tells_each_verdict(verdict_of: Kumeo) -> None:
    result = verdict_of(f"{BIG} expect: {{ big: [] }}", "--json")
    (verdict,) = json.loads(result.out)
    assert (verdict["title"], verdict["passed"]) == ("the case", False)
    assert verdict["sent"][0]["target"] == "big"


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2"])
def test_test_optimised_gives_the_same_verdict(verdict_of: Kumeo, level: str) -> None:
    assert verdict_of(f'{BIG} expect: {{ big: [{{ why: "large" }}] }}', level).code == 0


CONFIGURED = """
  workflow W {
    source: NATS("in")
    target: NATS("out")
    config: { limit: 10 }
    agents: [ emit { limit: config.limit } to target ]
  }
  test "t" for W { given: {} config: { limit: 2 } expect: { target: [{ limit: 2 }] } }
"""


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2"])
def test_test_optimised_reads_the_config_of_the_test(kumeo: Kumeo, level: str) -> None:
    assert kumeo("test", "-", level, stdin=CONFIGURED).code == 0


@pytest.mark.parametrize("level", ["-O1", "-O2"])
def test_test_examples_pass_when_optimised(kumeo: Kumeo, level: str) -> None:
    result = kumeo("test", str(EXAMPLES), level)
    assert (result.code, result.err) == (0, "")


def test_test_worlds_are_fresh_for_each_test(kumeo: Kumeo) -> None:
    text = """
      workflow W {
        source: NATS("in")
        target: { out: NATS("out") }
        agents: [
          Aggregate(id: "n", key: source.k, count: source.k)
          emit { count: n.count } to target.out
        ]
      }
      test "one" for W { given: { k: "a" } expect: { out: [{ count: 1 }] } }
      test "two" for W { given: { k: "a" } expect: { out: [{ count: 1 }] } }
    """
    assert kumeo("test", "-", stdin=text).out.endswith("2 passed, 0 failed\n")


def test_test_selected_by_title_runs_alone(kumeo: Kumeo, orders: str) -> None:
    tests = "".join(
        f'test "{title}" for Orders {{ given: {{ id: "a", amount: 1.0 }} expect: {{}} }}\n'
        for title in ("red fox", "Grey Wolf")
    )
    assert kumeo("test", "-", "-k", "wolf", stdin=orders + tests).out.startswith("ok Grey Wolf\n1 ")


def test_test_without_tests_fails_and_says_so(kumeo: Kumeo, orders: str) -> None:
    assert kumeo("test", "-", stdin=orders) == (1, "there are no tests\n", "")


def test_test_broken_file_fails_with_its_messages(kumeo: Kumeo) -> None:
    result = kumeo("test", "-", stdin="schema A { x: flot }")
    assert (result.code, result.out) == (1, "no test was run\n")
    assert "error[unknown-type]" in result.err


def test_test_file_beside_it_is_read(kumeo: Kumeo, folder: Path, orders: str) -> None:
    Path("flows").mkdir()
    Path("flows/types.kumeo").write_text("schema Extra { x: int }\n")
    test = 'test "t" for Orders { given: { id: "a", amount: 1.0 } expect: { small: [{}] } }'
    Path("flows/main.kumeo").write_text(f'import "types.kumeo"\n{orders}{test}')
    assert kumeo("test", "flows/main.kumeo").code == 0
