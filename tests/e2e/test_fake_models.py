"""A workflow of two language models runs offline, beside `kumeo fake-models`."""

import json
import subprocess
import sys
from pathlib import Path

KUMEO = (sys.executable, "-c", "from kumeo.tools.kumeo import main; main()")
FLOW = """\
enum Kind { bill, other }

schema Mail { id: string  text: string }

schema Verdict { kind: Kind  urgent: bool }

workflow Mails {
  source: NATS("mails", schema: Mail)
  target: { out: NATS("out") }
  agents: [
    triage = LLM(engine: "openai/gpt", prompt: "What is it? {{ source.text }}", output: Verdict)
    answer = LLM(engine: "ollama/llama3", prompt: "Answer: {{ source.text }}")
    emit { id: source.id, kind: triage.kind, text: answer.text } to target.out
  ]
}
"""
BILL, OTHER = ({"kind": kind, "urgent": True} for kind in ("bill", "other"))
ANSWERS = {
    "rules": [
        {"agent": "triage", "prompt": "euro", "answers": [{"json": BILL}]},
        {"agent": "triage", "answers": [{"fault": {"status": 503}}, {"json": OTHER}]},
        {"model": "llama3", "answers": ["Thank you."]},
    ]
}
EVENTS = [{"id": "1", "text": "You owe us 5 euro."}, {"id": "2", "text": "Hello."}]


def test_workflow_runs_on_answers_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "mails.kumeo").write_text(FLOW)
    (tmp_path / "answers.json").write_text(json.dumps(ANSWERS))
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)))
    run = ("run", "mails.kumeo", "--input", "events.jsonl", "--output", "out.jsonl", "--drain")
    done = subprocess.run(
        [*KUMEO, "fake-models", "answers.json", "--", *KUMEO, *run],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    values = sorted((json.loads(line)["value"] for line in lines), key=lambda value: value["id"])
    assert values == [
        {"id": "1", "kind": "bill", "text": "Thank you."},
        {"id": "2", "kind": "other", "text": "Thank you."},
    ]
    assert "gpt: rule 1, 503, " in done.stderr
