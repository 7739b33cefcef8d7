"""The message of `artifact-changed`. A model of a package that is not the one that was built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.diagnostics import render_one
from kumeo.tools.engine_errors import told


def test_message_is_the_expected_one(
    tmp_path: Path, golden: Callable[[Path | str, str], None]
) -> None:
    from kumeo_runtime.agents.resources import AgentError, Resources

    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "risk.onnx").write_bytes(b"changed")
    with pytest.raises(AgentError) as caught:
        Resources(tmp_path, {"risk.onnx": "0" * 64}).artifact("risk.onnx")
    golden("message.txt", render_one(told(caught.value)))
