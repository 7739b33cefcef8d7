"""`kumeo new`: every template works as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kumeo.tools.commands.new import FOLDER, TEMPLATES, project_files

Kumeo = Callable[..., Any]


@pytest.fixture(params=sorted(TEMPLATES))
def project(request: pytest.FixtureRequest, kumeo: Kumeo, folder: Path) -> str:
    """The main file of a new project."""
    assert kumeo("new", "my-shop", "--template", request.param).code == 0
    return "my-shop/my-shop.kumeo"


def test_new_project_has_no_mistake(kumeo: Kumeo, project: str) -> None:
    assert kumeo("check", project).out == "checked 1 file: 0 errors, 0 warnings\n"


def test_new_project_tests_green(kumeo: Kumeo, project: str) -> None:
    result = kumeo("test", project)
    assert result.code == 0, result.out
    assert ", 0 failed" in result.out


def test_new_project_is_formatted(kumeo: Kumeo, project: str) -> None:
    result = kumeo("fmt", "--check", "--diff", project)
    assert result.code == 0, result.out


def test_new_project_holds_no_open_mark(project: str) -> None:
    texts = [path.read_text("utf-8") for path in Path("my-shop").iterdir()]
    assert [text for text in texts if "@@" in text] == []


def test_templates_table_names_every_folder() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(TEMPLATES)


def test_new_help_names_every_template(kumeo: Kumeo) -> None:
    text = kumeo("new", "--help").out
    assert [name for name in TEMPLATES if name not in text] == []


def test_new_name_of_a_schema_is_no_clash(kumeo: Kumeo, folder: Path) -> None:
    kumeo("new", "order")
    assert kumeo("check", "order").code == 0


def test_new_existing_folder_is_left_alone(kumeo: Kumeo, folder: Path) -> None:
    Path("shop").mkdir()
    result = kumeo("new", "shop")
    assert result.code == 1
    assert "error[cannot-write]" in result.err
    assert list(Path("shop").iterdir()) == []


def test_new_unknown_template_names_the_nearest(kumeo: Kumeo, folder: Path) -> None:
    result = kumeo("new", "shop", "--template", "frod")
    assert result.code == 2
    assert "write `fraud`" in result.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["1shop", "my shop", "-x", "a.b"])
def test_new_impossible_name_is_wrong_usage(kumeo: Kumeo, folder: Path, name: str) -> None:
    assert kumeo("new", "--", name).code == 2


def test_project_files_make_one_name_from_words() -> None:
    assert "workflow MyShopFlow {" in project_files("my-shop", "minimal")["my-shop.kumeo"]
