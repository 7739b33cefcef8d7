"""Addresses and keys of model servers come from settings, and are checked at the start."""

from typing import Any

import pytest
from kumeo_runtime.agents import Resources
from kumeo_runtime.agents.resources import AgentError, Secret
from kumeo_runtime.llm.addresses import Server, server_of
from kumeo_runtime.llm.providers import Provider


def server(name: str = "cloud", provider: Provider | None = None, **environ: str) -> Server:
    return server_of(name, provider, Resources(environ=environ))


def problem(name: str = "cloud", provider: Provider | None = None, **environ: str) -> AgentError:
    with pytest.raises(AgentError) as caught:
        server(name, provider, **environ)
    return caught.value


def test_server_of_a_known_provider_has_its_usual_address() -> None:
    assert server("openai").url == "https://api.openai.com/v1"
    assert server("ollama").url == "http://127.0.0.1:11434"


def test_server_of_an_unknown_provider_is_asked_for() -> None:
    found = problem("my-cloud")
    assert (found.code, "KUMEO_MY_CLOUD_URL" in found.fix) == ("engine-unknown", True)


def test_server_environment_wins_over_the_block() -> None:
    block = Provider("cloud", url="https://a.example.com", key="from-block")
    environ = {"KUMEO_CLOUD_URL": "https://b.example.com/v1/", "KUMEO_CLOUD_KEY": "from-environ"}
    assert server("cloud", block, **environ) == Server("https://b.example.com/v1", "from-environ")


def test_server_block_reads_secrets() -> None:
    block = Provider("cloud", url=Secret("WHERE"), key=Secret("WHAT"))
    found = server("cloud", block, WHERE="https://a.example.com", WHAT=" key\n")
    assert found == Server("https://a.example.com", "key")


def test_server_secret_that_is_not_set_is_told_by_name() -> None:
    block = Provider("cloud", url="https://a.example.com", key=Secret("WHAT"))
    assert problem("cloud", block).code == "secret-missing"


@pytest.mark.parametrize(
    "url",
    [
        "models.example.com",
        "file:///etc/passwd",
        "ftp://models.example.com",
        "http://",
        "http://[::1",
        "http://host:99999",
        "http://host name/",
        "http://host\r\nX-Evil: 1/",
        "http://good.example.com\\@evil.example.com/",
        "http://user:hunter2@models.example.com",
        "http://models.example.com/?key=hunter2",
        "http://models.example.com/#hunter2",
    ],
)
def test_server_address_that_is_none_is_refused_and_not_shown(url: str) -> None:
    found = problem(KUMEO_CLOUD_URL=url)
    assert found.code == "invalid-setting"
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("key", ["two words", "line\r\nX-Evil: 1", "schlüssel", "tab\tkey"])
def test_server_key_that_no_header_holds_is_refused_and_not_shown(key: str) -> None:
    found = problem(KUMEO_CLOUD_URL="https://a.example.com", KUMEO_CLOUD_KEY=key)
    assert (found.code, key in str(found)) == ("invalid-setting", False)


def test_server_does_not_show_its_key() -> None:
    assert "hunter2" not in repr(Server("http://h", "hunter2", "http://u:hunter2@proxy"))


def test_provider_does_not_show_its_key() -> None:
    assert "hunter2" not in repr(Provider("cloud", key="hunter2"))


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://[::1]:1", True),
        ("http://localhost/v1", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_server_is_local_on_this_computer(url: str, is_local: bool) -> None:
    assert Server(url).is_local == is_local


def test_server_key_over_plain_http_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    server(KUMEO_CLOUD_URL="http://a.example.com", KUMEO_CLOUD_KEY="hunter2")
    assert "without encryption" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "proxy:3128"}, "http://proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "b.org, .example.com"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "ample.com"}, "http://proxy:3128"),
    ],
)
def test_server_proxy_is_that_of_the_environment(environ: Any, proxy: str | None) -> None:
    assert server(KUMEO_CLOUD_URL="https://a.example.com", **environ).proxy == proxy


def test_server_on_this_computer_has_no_proxy() -> None:
    assert server("ollama", HTTP_PROXY="http://proxy:3128").proxy is None
