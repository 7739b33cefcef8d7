"""References to variables in the settings of providers and databases."""

import pytest
from kumeo_runtime.agents.resources import AgentError, Resources, Secret


def text(setting: str | Secret, **environ: str) -> str:
    return Resources(environ=environ).text_of(setting)


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("${env.HOST}", "h"),
        ("http://${env.HOST}:${env.PORT:-80}/v1", "http://h:80/v1"),
        ("${env.EMPTY:-other}", "other"),
        ("${env.PORT:-}", ""),
        ("$HOST ${HOST}", "$HOST ${HOST}"),
    ],
)
def test_reference_is_a_variable_or_its_default(setting: str, found: str) -> None:
    assert text(setting, HOST="h", EMPTY="") == found


def test_variable_without_a_value_and_default_is_missing() -> None:
    with pytest.raises(AgentError, match="the variable `HOST` is not set"):
        text("http://${env.HOST}")


def test_secret_is_not_read_for_references() -> None:
    assert text(Secret("KEY"), KEY="${env.HOST}", HOST="h") == "${env.HOST}"
