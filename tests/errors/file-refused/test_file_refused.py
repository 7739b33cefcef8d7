"""The message of `file-refused`: a file that is no regular file cannot be in a repository."""

import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path

from kumeo.tools.kumeo import run


def test_message_is_the_expected_one(
    tmp_path: Path, golden: Callable[[Path | str, str], None]
) -> None:
    os.mkfifo(tmp_path / "pipe.kumeo")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(tmp_path):
        Path("main.kumeo").write_text('import "pipe.kumeo"\nschema A { x: int }\n')
        code = run(["check", "main.kumeo"], "", out, err)
    assert code == 1
    golden("pipe.txt", out.getvalue() + err.getvalue())
