"""`kumeo test --record`: real agents answer once, and the test plays what they said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.testing.fake_models import FakeModels

FLOW = """\
schema Mail {
  id: string
  text: string
}

schema Answer {
  kind: string
  why: string
}

agent tax(amount: float) -> float {
  python: "shop:tax"
  effects: "pure"
}

workflow Mails {
  source: NATS("mails", schema: Mail)
  target: { out: NATS("out") }
  context: { policy: KnowledgeBase("*.md") }
  agents: [
    found = Retrieve(context.policy, query: source.text, top: 1)
    a = LLM(engine: "ollama/llama3", prompt: "{{ source.text }} {{ found }}", output: Answer)
    t = tax(amount: 10.0)
    check = HumanReview(input: a)
    emit { id: source.id, why: a.why, found: len(found), t: t, by: check.by } to target.out
  ]
}

test "two mails" for Mails {
  given: [{ id: "1", text: "returns" }, { id: "2", text: "nothing" }]
  mock: { check: [{ decision: approve, by: "ana" }, { decision: reject }] }
  expect: {
    out: [
      { id: "1", why: "a \\"b\\"", found: 1, t: 1.9, by: "ana" },
      { id: "2", why: "x", found: 0 }
    ]
  }
}
"""
SAID = ('{"kind": "refund", "why": "a \\"b\\""}', '{"kind": "none", "why": "x"}')


@pytest.fixture
def shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(folder))
    (folder / "shop.py").write_text("def tax(amount: float) -> float:\n    return amount * 0.19\n")
    (folder / "policy.md").write_text("Returns are free.\n")
    (folder / "mails.kumeo").write_text(FLOW)
    return folder


def test_record_writes_what_agents_said_and_the_test_plays_it(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kumeo("test", "mails.kumeo").code == 1
    kumeo("fmt", "mails.kumeo")
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        done = kumeo("test", "mails.kumeo", "--record")
    assert done.code == 0, done
    assert "a (2 answers), found (2 answers), t (2 answers)" in done.err
    assert len(server.requests) == 2
    again = kumeo("test", "mails.kumeo")
    assert (again.code, again.out) == (0, "ok two mails\n1 passed, 0 failed\n")
    assert kumeo("fmt", "--check", "mails.kumeo").code == 0


def test_record_agents_with_mocks_are_not_asked(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mocked = FLOW.replace("mock: {", 'mock: { a: { kind: "k", why: "mine" }, ')
    (shop / "mails.kumeo").write_text(mocked.replace('{ id: "2", text: "nothing" }', ""))
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        kumeo("test", "mails.kumeo", "--record")
    assert server.requests == []
    assert 'a: { kind: "k", why: "mine" }' in (shop / "mails.kumeo").read_text()


def test_record_again_replaces_answers_of_agents_but_not_of_people(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FLOW.replace("mock: {", 'mock: { a: { kind: "k", why: "mine" }, ')
    (shop / "mails.kumeo").write_text(text)
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        assert kumeo("test", "mails.kumeo", "--record-again").code == 0
    written = (shop / "mails.kumeo").read_text()
    assert "mine" not in written
    assert 'by: "ana"' in written


def test_record_of_an_agent_that_fails_leaves_the_file_alone(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeModels("no json") as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        done = kumeo("test", "mails.kumeo", "--record")
    assert "error[recording-failed]: `a` gives no answer" in done.err
    assert (shop / "mails.kumeo").read_text() == FLOW


def test_record_of_a_person_without_a_mock_says_what_to_write(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FLOW.replace(
        'mock: { check: [{ decision: approve, by: "ana" }, { decision: reject }] }\n', ""
    )
    (shop / "mails.kumeo").write_text(text)
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        done = kumeo("test", "mails.kumeo", "--record")
    assert "a person has to answer" in done.err
    assert "mock: { check: { decision: approve } }" in done.err


def test_record_of_a_person_who_does_not_answer_records_the_others(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FLOW.replace("{ decision: reject }", '{ fail: "ill", code: "timeout" }')
    text = text.replace('by: "ana" },\n      { id: "2", why: "x", found: 0 }', 'by: "ana" }')
    (shop / "mails.kumeo").write_text(text)
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        done = kumeo("test", "mails.kumeo", "--record")
    assert "a (2 answers)" in done.err, done
    assert 'fail: "ill"' in (shop / "mails.kumeo").read_text()


def test_record_with_an_edited_value_asks_with_what_the_person_left(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FLOW.replace(
        "check = HumanReview(input: a)",
        "check = HumanReview(input: a, edit: a)\n"
        '    b = LLM(engine: "ollama/llama3", prompt: "{{ check.value.why }}", output: Answer)',
    )
    text = text.replace("why: a.why", "why: b.why")
    one = """[{ decision: approve, value: { kind: "k", why: "edited" } }]"""
    a, b = text.index("[{ decision"), text.index(" }\n  expect")
    text = text[:a] + one + text[b:]
    text = text.replace(', { id: "2", text: "nothing" }', "")
    (shop / "mails.kumeo").write_text(text)
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        done = kumeo("test", "mails.kumeo", "--record")
    assert "b (1 answer)" in done.err, done
    assert "edited" in json.dumps([each.body for each in server.requests])


def test_record_of_standard_input_is_refused(kumeo: Callable[..., Any]) -> None:
    assert "name one" in kumeo("test", "-", "--record", stdin=FLOW).err


def test_record_a_recorded_answer_is_of_the_agents_type(
    kumeo: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeModels(*SAID) as server:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", server.url)
        kumeo("test", "mails.kumeo", "--record")
    sent = json.loads(kumeo("test", "mails.kumeo", "--json").out)[0]["sent"]
    assert [each["payload"]["found"] for each in sent] == [1, 0]
