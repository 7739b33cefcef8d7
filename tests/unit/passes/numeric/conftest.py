"""Fixtures of the tests of numeric passes."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HELPER = Path(__file__).parents[2] / "models" / "infer_programs.py"


@pytest.fixture
def infer_programs() -> ModuleType:
    """Return the helper that builds programs from models."""
    spec = importlib.util.spec_from_file_location("infer_programs", HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
