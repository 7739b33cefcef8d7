"""`invalid-code`: the file cannot lie in the repository, since the formatter reads all of them."""

import io
from pathlib import Path

import pytest

from kumeo.tools.kumeo import run

FLOW = """agent Score(amount: float) -> float { python: "rules:score" }
workflow W {
  source: NATS("in")
  target: NATS("out")
  agents: [ x = Score(2.0) emit x to target ]
}
"""


def test_code_without_a_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.py").write_text('"""Scores."""\n\ndef score(amount: float) -> float\n')
    (tmp_path / "flow.kumeo").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    out, err = io.StringIO(), io.StringIO()
    code = run(["check", "flow.kumeo"], "", out, err)
    text = out.getvalue() + err.getvalue()
    assert code == 1
    assert "error[invalid-code]: `rules.py` cannot be read as Python: expected ':'" in text
    assert " --> rules.py:3:1" in text
    assert "::: flow.kumeo:1:" in text
