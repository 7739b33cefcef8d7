"""`kumeo test` gives events to the source that a test names."""

from io import StringIO
from pathlib import Path

from kumeo.tools.kumeo import run

FLOW = """
workflow W {
  source: { one: NATS("one"), two: NATS("two") }
  target: NATS("out")
  agents: [emit source to target]
}

test "from the second" for W {
  source: two
  given: { x: 1 }
  expect: { target: [{ x: 1 }] }
}
"""


def test_events_come_from_the_named_source(tmp_path: Path) -> None:
    from kumeo.diagnostics import Source
    from kumeo.frontend.compile import compile_source
    from kumeo.tools.files import FolderFiles

    path = tmp_path / "flow.kumeo"
    path.write_text(FLOW, encoding="utf-8")
    (test,) = compile_source(Source(str(path), FLOW), FolderFiles.beside(str(path))).tests
    assert test.source == "two"
    out = StringIO()
    assert run(["test", str(path)], "", out, StringIO()) == 0
    assert "1 passed" in out.getvalue()
