"""`--allow-pickle`: what a pickle may do in its process, and that nothing is opened without it."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.tree import DecisionTreeRegressor

from kumeo.diagnostics import Diagnostic
from kumeo.models.importing import import_model
from kumeo.tools.files import FolderFiles
from kumeo.tools.pickles import PickleError, allowing_pickles, unpickled

ATTEMPTS = """
import os, socket, subprocess, urllib.request
def outcome(work):
    try:
        work()
    except BaseException as error:
        return type(error).__name__
    return "done"
out = [outcome(work) for work in (
    lambda: socket.socket(),
    lambda: subprocess.run(["id"]),
    lambda: os.fork(),
    lambda: os.kill(os.getppid(), 0),
    lambda: open(PATH, "w"),
    lambda: open(PATH, "r+"),
    lambda: os.unlink(PATH),
    lambda: os.truncate(PATH, 0),
    lambda: os.rename(PATH, PATH + "2"),
    lambda: bytearray(16 << 30),
    lambda: open(PATH).read(),
)]
"""


class Code:
    """Runs a text when it is unpickled."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> Any:
        return eval, (f"(lambda names: (exec({self.source!r}, names), names['out'])[1])({{}})",)


def test_unpickled_tree_is_plain_data() -> None:
    rows = np.arange(12.0).reshape(-1, 2)
    model = DecisionTreeRegressor().fit(rows, rows[:, 0])
    imported = import_model(unpickled(pickle.dumps(model)), "sklearn", "m.pkl")
    assert not isinstance(imported, Diagnostic)


def test_unpickled_code_reaches_nothing_outside(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    data = pickle.dumps(Code(ATTEMPTS.replace("PATH", repr(str(kept)))))
    outcomes = skops.io.loads(unpickled(data))
    assert outcomes[-1] == "done"  # To read is not refused.
    assert set(outcomes[:9]) == {"PermissionError"}, outcomes
    assert outcomes[9] == "MemoryError"
    assert kept.read_text() == "kept"


def test_unpickled_endless_code_is_stopped() -> None:
    with pytest.raises(PickleError, match="took more than"):
        unpickled(pickle.dumps(Code("while True: pass")), 5.0)


def test_read_pickle_without_the_flag_stays_as_it_is(tmp_path: Path) -> None:
    data = pickle.dumps(Code("out = 1 / 0"))
    (tmp_path / "m.pkl").write_bytes(data)
    assert FolderFiles(tmp_path).read("m.pkl") == data


def test_read_bad_pickle_with_the_flag_tells_why(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04nonsense")
    files = FolderFiles(tmp_path)
    with allowing_pickles():
        assert files.read("m.pkl") is None
    assert "cannot be opened" in files.refused["m.pkl"]
