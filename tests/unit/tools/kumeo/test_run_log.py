"""The log of `kumeo run`."""

import logging
from pathlib import Path

from kumeo.tools.commands.run import log_to


def test_log_to_keeps_what_code_of_the_user_prints(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        log_to(tmp_path / "run.log")
        logging.getLogger("kumeo.code").info("agent: stdout: hello")
    finally:
        for handler in [each for each in root.handlers if each not in before]:
            root.removeHandler(handler)
            handler.close()
    assert "agent: stdout: hello" in (tmp_path / "run.log").read_text(encoding="utf-8")
