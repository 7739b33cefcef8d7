"""What a user meets when NATS cannot be used: a code, what happened, what to do."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.transport import Transport, TransportError, open_transport
from kumeo_runtime.transport.api import (
    ConsumerConfig,
    Outcome,
    Outgoing,
    Refused,
    StreamConfig,
)

USERS = """
jetstream: enabled
authorization: {users: [
  {user: admin, password: secret},
  {user: narrow, password: secret, permissions: {
    publish: {deny: ["f.forbidden", "$JS.API.STREAM.DELETE.*"]}}}
]}
"""


def error_of(transport: Transport) -> TransportError:
    with pytest.raises(TransportError) as caught:
        asyncio.run(transport.connect())
    assert caught.value.fix
    return caught.value


def test_connect_nothing_listens_says_not_reachable() -> None:
    error = error_of(open_transport("nats://127.0.0.1:1", connect_timeout_s=0.3))
    assert error.code == "not-reachable"
    assert "127.0.0.1:1" in error.message


def test_connect_wrong_password_says_wrong_credentials(make_server: Any) -> None:
    server = make_server(USERS)
    error = error_of(open_transport(server.url, user="admin", password="guess"))
    assert error.code == "wrong-credentials"


def test_connect_url_with_password_hides_it(make_server: Any) -> None:
    server = make_server(USERS)
    error = error_of(open_transport(server.url.replace("//", "//admin:hunter2@")))
    assert error.code == "wrong-credentials"
    assert "hunter2" not in str(error)


def test_connect_without_jetstream_says_so(make_server: Any) -> None:
    assert error_of(open_transport(make_server().url)).code == "jetstream-off"


def test_connect_tls_to_plain_server_says_mismatch(nats_server: Any) -> None:
    url = nats_server.url.replace("nats:", "tls:")
    assert error_of(open_transport(url)).code == "tls-mismatch"


def test_connect_missing_certificate_file_says_mismatch(nats_server: Any) -> None:
    assert error_of(open_transport(nats_server.url, tls_ca="/none.pem")).code == "tls-mismatch"


@pytest.mark.parametrize("files", [{"creds": "/none.creds"}, {"nkey_seed": "/none.nk"}])
def test_connect_missing_credentials_file_names_it(nats_server: Any, files: dict[str, str]) -> None:
    error = error_of(open_transport(nats_server.url, **files))
    assert error.code == "wrong-credentials"
    assert next(iter(files.values())) in error.message


def test_close_after_a_refused_start_is_quiet() -> None:
    async def main() -> None:
        transport = open_transport("nats://127.0.0.1:1", creds="/none.creds")
        with pytest.raises(TransportError):
            await transport.connect()
        await transport.close()

    asyncio.run(main())


def test_open_unknown_scheme_is_refused() -> None:
    with pytest.raises(TransportError) as caught:
        open_transport("http://127.0.0.1")
    assert caught.value.code == "invalid-url"


async def denied(url: str) -> tuple[list[Outcome], list[TransportError], str]:
    fatal: list[TransportError] = []
    transport = open_transport(url, user="narrow", password="secret", on_fatal=fatal.append)
    await transport.connect()
    await transport.ensure_stream(StreamConfig("F", ("f.>",)))
    outcomes: list[Outcome] = []
    transport.publish(Outgoing("f.forbidden", b""), outcomes.append)
    while not outcomes:
        await asyncio.sleep(0.01)
    with pytest.raises(TransportError) as caught:
        await transport.delete_stream("F")
    await transport.close()
    return outcomes, fatal, caught.value.code


def test_denied_publish_is_fatal_and_loud(make_server: Any) -> None:
    server = make_server(USERS)
    outcomes, fatal, code = asyncio.run(asyncio.wait_for(denied(server.url), 20))
    assert [o.reason for o in outcomes if isinstance(o, Refused)] == ["denied"]
    assert [error.code for error in fatal] == ["permission-denied"] * 2
    assert code == "permission-denied"


async def down(server: Any) -> tuple[list[Outcome], list[Outcome], int]:
    transport = open_transport(server.url)
    await transport.connect()
    await transport.ensure_stream(StreamConfig("D", ("d.>",)))
    server.stop()
    while transport.is_connected:
        await asyncio.sleep(0.01)
    refused: list[Outcome] = []
    transport.publish(Outgoing("d.1", b"never"), refused.append)
    with pytest.raises(TransportError) as caught:
        await transport.stream_info("D")
    assert caught.value.code == "not-reachable"
    server.start()
    while not transport.is_connected:
        await asyncio.sleep(0.01)
    accepted: list[Outcome] = []
    transport.publish(Outgoing("d.2", b"later"), accepted.append)
    while not accepted:
        await asyncio.sleep(0.01)
    info = await transport.stream_info("D")
    assert info is not None
    await transport.close()
    return refused, accepted, info.messages


def test_reconnect_replays_no_publish(make_server: Any) -> None:
    refused, accepted, messages = asyncio.run(asyncio.wait_for(down(make_server(None, "-js")), 20))
    assert [o.reason for o in refused if isinstance(o, Refused)] == ["unavailable"]
    assert len(accepted) == 1
    assert messages == 1


async def change_kind(url: str) -> list[str]:
    codes: list[str] = []
    transport = open_transport(url)
    await transport.connect()
    await transport.ensure_stream(StreamConfig("K", ("k.>",)))
    wrong = (
        StreamConfig("K", ("k.>",), storage="memory"),
        StreamConfig("L", ("k.a.>",)),
        StreamConfig("M", ("m.>",), allow_schedules=True),
    )
    for config in wrong:
        with pytest.raises(TransportError) as caught:
            await transport.ensure_stream(config)
        codes.append(caught.value.code)
    with pytest.raises(TransportError) as caught:
        await transport.ensure_consumer(ConsumerConfig("NONE", "d", ("k.>",)))
    codes.append(caught.value.code)
    await transport.delete_stream("K")
    await transport.close()
    return codes


KIND_CODES = ["stream-conflict", "subject-taken", "invalid-stream", "no-stream"]


def test_streams_that_do_not_fit_nats_says_why(nats_server: Any) -> None:
    assert asyncio.run(change_kind(nats_server.url)) == KIND_CODES


def test_streams_that_do_not_fit_memory_says_why() -> None:
    assert asyncio.run(change_kind("memory://")) == KIND_CODES
