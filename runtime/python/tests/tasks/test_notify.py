"""Notifications: a real NATS server, a real SMTP server, a real HTTP server."""

import asyncio
import hashlib
import hmac
import itertools
import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from kumeo_runtime.activation import Activation
from kumeo_runtime.agents import AgentError
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, StreamSizes, Workflow
from kumeo_runtime.tasks.notify.channels import LaterError, MailChannel, NeverError
from kumeo_runtime.tasks.notify.notice import Notice
from kumeo_runtime.tasks.notify.notifier import Notifier
from kumeo_runtime.tasks.notify.settings import Mail as SmtpServer
from kumeo_runtime.tasks.notify.settings import NotifySettings, Webhook, read_settings
from kumeo_runtime.testing.connected import Order, running, settings_on, until

_NUMBERS = itertools.count(1)
EMAILS = {"ana": ["ana@example.org"], "credit": ["ana@example.org", "bob@example.org"]}
TASK = Task("review", title="Large\norder", decisions=("yes", "no"), assignees=("credit",))


class Body(Message):
    id: str


ASKED = Edge("asked", "asked", Body, is_parked=True)


def asking(task: Task) -> Workflow:
    source = Source("orders", "nats", f"notify.{next(_NUMBERS)}", Order)

    def ask(act: Activation, event: Order) -> None:
        act.park(ASKED, Body(act.meta, event.id), task)

    def go_on(act: Activation, message: Body) -> None:
        assert act.answer is not None

    handlers = (Handler("ask", ask, (source,), (ASKED,)), Handler("asked", go_on, ASKED))
    services = (ServiceSpec("all", handlers),)
    sizes = StreamSizes(32 << 20, 32 << 20)
    return Workflow("Orders", "orders", "1", services, (source,), (), (ASKED,), sizes=sizes)


def addresses(who: Sequence[str]) -> list[str]:
    return [address for name in who for address in EMAILS.get(name, ())]


Script = Callable[[RuntimeClient, Callable[[], Notifier]], Awaitable[None]]


def told(nats_url: str, given: dict[str, Any], script: Script, task: Task = TASK) -> None:
    """Run a workflow with one task, and a script that may start notifiers."""
    workflow, settings = asking(task), settings_on(nats_url)
    chosen = NotifySettings(**given)

    async def main() -> None:
        async with (
            running(workflow, settings),
            RuntimeClient(workflow, settings) as client,
        ):
            await client.publish("orders", {"id": "1"}, id="e1")
            environ = {"KEY": "hush", "PASSWORD": "pass"}
            await script(client, lambda: Notifier(client.shared, chosen, addresses, environ))

    asyncio.run(asyncio.wait_for(main(), 40))


class Hook:
    """A server that answers with these statuses, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[dict[str, str]]:
        app = web.Application()
        app.router.add_post("/hook", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "secret": "KEY"}
        finally:
            await runner.cleanup()


def hooked(nats_url: str, hook: Hook, script: Script, **given: Any) -> None:
    async def with_hook(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        async with hook.open() as settings:
            chosen = NotifySettings(webhook=Webhook(settings["url"], settings["secret"]), **given)
            await script(
                client, lambda: Notifier(client.shared, chosen, addresses, {"KEY": "hush"})
            )

    told(nats_url, {}, with_hook)


def test_webhook_gets_who_and_where_but_not_what_the_task_shows(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        notifier = make()
        await notifier.start()
        await until(lambda: hook.requests)
        await notifier.stop()

    hooked(nats_url, hook, script, link="https://tasks.example.org/")
    ((headers, body),) = hook.requests
    data = json.loads(body)
    assert data["text"] == "Large order waits for a decision"
    assert (data["who"], data["workflow"]) == (["credit"], "Orders")
    assert data["link"] == f"https://tasks.example.org/#task={data['task']}"
    assert headers["Idempotency-Key"] == f"{data['task']}-1"
    assert set(data) == {
        *("key", "action", "task", "workflow", "title", "who", "due", "link", "text")
    }


def test_webhook_is_signed_with_the_time(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        notifier = make()
        await notifier.start()
        await until(lambda: hook.requests)
        await notifier.stop()

    hooked(nats_url, hook, script)
    ((headers, body),) = hook.requests
    signed = f"{headers['Kumeo-Timestamp']}.".encode() + body
    wanted = hmac.new(b"hush", signed, hashlib.sha256).hexdigest()
    assert headers["Kumeo-Signature"] == f"sha256={wanted}"


def test_webhook_that_is_away_is_told_later_under_the_same_key(nats_url: str) -> None:
    hook = Hook(503, 200)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        notifier = make()
        await notifier.start()
        await until(lambda: len(hook.requests) == 2)
        await notifier.stop()

    hooked(nats_url, hook, script)
    first, second = (headers["Idempotency-Key"] for headers, _ in hook.requests)
    assert first == second


def test_webhook_that_refuses_is_not_asked_again(nats_url: str) -> None:
    hook = Hook(400)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        notifier = make()
        await notifier.start()
        counts = client.shared.observer.counts
        await until(lambda: counts["notifications_refused"])
        await asyncio.sleep(1.0)
        await notifier.stop()

    hooked(nats_url, hook, script)
    assert len(hook.requests) == 1


def test_task_that_is_decided_meanwhile_is_not_told(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        while not (tasks := await client.tasks()):
            await asyncio.sleep(0.02)
        await client.decide(tasks[0].id, "yes", by="ana")
        notifier = make()
        await notifier.start()
        await asyncio.sleep(1.0)
        await notifier.stop()

    hooked(nats_url, hook, script)
    assert hook.requests == []


def test_notice_is_sent_once_over_a_restart(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        for _ in range(2):
            notifier = make()
            await notifier.start()
            await until(lambda: hook.requests)
            await asyncio.sleep(0.3)
            await notifier.stop()

    hooked(nats_url, hook, script)
    assert len(hook.requests) == 1


class Box:
    """Takes e-mail, or refuses it with one answer after the other."""

    def __init__(self, *refusals: str) -> None:
        self.refusals = list(refusals)
        self.mails: list[Mail] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@contextmanager
def opened(box: Box, **more: Any) -> Generator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mailed(nats_url: str, box: Box, wanted: Callable[[RuntimeClient], Any], **more: Any) -> None:
    signing: dict[str, Any] = {"user": "tasks", "password": "PASSWORD"} if more else {}

    async def script(client: RuntimeClient, make: Callable[[], Notifier]) -> None:
        notifier = make()
        await notifier.start()
        await until(lambda: wanted(client))
        await notifier.stop()

    with opened(box, **more) as port:
        mail = SmtpServer("127.0.0.1", "tasks@example.org", port, "none", **signing)
        told(nats_url, {"mail": mail}, script)


NOTICE = Notice("k", "asked", "t", "Orders", "Large order", ("credit",), None, None)


def sent(box: Box, receivers: list[str], times: int = 1) -> list[Any]:
    """Tell one notice some times; return why it did not arrive each time."""
    with opened(box) as port:
        server = SmtpServer("127.0.0.1", "tasks@example.org", port, "none")
        channel = MailChannel(server, lambda who: receivers, {})
        found = list[Any]()
        for _ in range(times):
            try:
                found.append(asyncio.run(channel.tell(NOTICE)))
            except (LaterError, NeverError) as error:
                found.append(type(error))
        return found


@pytest.mark.parametrize("bad", ["a@", "a\nb@example.org", "gone@example.org"])
def test_mail_address_that_is_wrong_keeps_nothing_from_the_others(bad: str) -> None:
    box = Box()
    box.refused = {"gone@example.org": "550 no such user"}
    assert sent(box, [bad, "zoe@example.org"]) == [NeverError]
    assert [mail["To"] for mail in box.mails] == ["zoe@example.org"]


def test_mailbox_that_is_full_gets_it_later_and_nobody_twice() -> None:
    box = Box()
    box.refused = {"bob@example.org": "452 full"}
    assert sent(box, ["ana@example.org", "bob@example.org"], 2) == [LaterError, LaterError]
    assert [mail["To"] for mail in box.mails] == ["ana@example.org"]


def test_mail_goes_to_each_person_once(nats_url: str) -> None:
    box = Box()
    mailed(nats_url, box, lambda _: len(box.mails) == 2)
    assert sorted(mail["To"] for mail in box.mails) == ["ana@example.org", "bob@example.org"]
    assert {mail["Subject"] for mail in box.mails} == {"[Orders] Large order waits for a decision"}
    assert {mail["Auto-Submitted"] for mail in box.mails} == {"auto-generated"}


def test_mail_that_the_server_defers_is_sent_later(nats_url: str) -> None:
    box = Box("451 later")
    mailed(nats_url, box, lambda _: len(box.mails) >= 2)
    assert box.refusals == []


def test_mail_that_the_server_refuses_is_not_sent_again(nats_url: str) -> None:
    box = Box("554 no", "554 no", "554 no")
    mailed(nats_url, box, lambda c: c.shared.observer.counts["notifications_refused"])
    assert (len(box.refusals), box.mails) == (1, [])


def test_mail_server_that_wants_a_password_gets_it(nats_url: str) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        asked.append((data.login, data.password))
        return AuthResult(success=True)

    box = Box()
    more = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    mailed(nats_url, box, lambda _: len(box.mails) == 2, **more)
    assert asked == [(b"tasks", b"pass")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "truncated"),
        ('{"mail": {"host": "x"}}', "`from`"),
        ('{"sms": {}}', "unknown field `sms`"),
        ('{"webhook": {"url": "hook"}}', "no address with http"),
        ('{"webhook": {"url": "http://\\u0001"}}', "is no address"),
        ('{"mail": {"host": "x", "from": "tasks"}}', "no e-mail address"),
        ('{"on": ["never"]}', "Invalid enum value 'never'"),
    ],
)
def test_settings_that_do_not_fit_are_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "notify.json"
    file.write_text(text)
    with pytest.raises(AgentError, match=said):
        read_settings(file)


def test_secret_that_is_not_set_refuses_the_start(nats_url: str) -> None:
    chosen = NotifySettings(webhook=Webhook("http://127.0.0.1:1/", "ABSENT"))
    shared: Any = None
    with pytest.raises(AgentError, match="`ABSENT` is not set"):
        Notifier(shared, chosen, addresses, {})
