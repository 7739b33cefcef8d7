"""What the words of `--config` mean."""

from typing import Any

import pytest
from kumeo_runtime.spec import Workflow
from kumeo_runtime.values import Record

from kumeo.tools.commands.run import config_values


class Config(Record):
    limit: float = 1.0
    who: str = "ana"


WORKFLOW = Workflow("Orders", "orders", "1", (), (), (), (), config=Config)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("limit=3", {"limit": 3}),
        ("who=ben", {"who": "ben"}),
        ("who=3", {"who": "3"}),
        ('who="3"', {"who": "3"}),
        ("who=a=b", {"who": "a=b"}),
    ],
)
def test_config_values_follow_the_type_of_the_entry(entry: str, value: dict[str, Any]) -> None:
    assert config_values(WORKFLOW, (entry,)) == value
