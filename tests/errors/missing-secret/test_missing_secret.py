"""The message of `missing-secret`. A secret that is not set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.diagnostics import render_one
from kumeo.tools.engine_errors import told


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.service import check_secrets
    from kumeo_runtime.spec import Workflow

    workflow = Workflow("Orders", "orders", "1", (), (), (), (), secrets=("KUMEO_TEST_ABSENT",))
    with pytest.raises(EngineError) as caught:
        check_secrets(workflow)
    golden("message.txt", render_one(told(caught.value)))


def test_secret_of_a_connector_has_the_same_code() -> None:
    from kumeo_runtime.agents.resources import AgentError, Resources, Secret

    with pytest.raises(AgentError) as caught:
        Resources(environ={}).text_of(Secret("HOOK_TOKEN"))
    assert told(caught.value).code == "missing-secret"
