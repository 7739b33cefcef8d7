"""The folder with the code that runs in processes of its own."""

from pathlib import Path

import pytest

from .own_code import CODE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_rules.py").write_text(CODE)
    (folder / "wrong_module.py").write_text("import json\nnumber = 1 / 0\n")
    return folder
