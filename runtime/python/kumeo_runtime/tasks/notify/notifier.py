"""`Notifier`: tells every step of a task that concerns somebody, once it is in the audit trail.

Each channel reads the trail through a durable consumer of its own. So a notice is sent at least
once, also after a restart or while a server is away, and one channel does not hold up the other. A
task that is closed meanwhile is not told any more.
"""

import logging
from collections.abc import Mapping

import msgspec

from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.targets.http import delay_s
from kumeo_runtime.targets.pump import Place, Pump
from kumeo_runtime.tasks.audit import Entry
from kumeo_runtime.tasks.notify.channels import (
    Channel,
    LaterError,
    MailChannel,
    NeverError,
    WebhookChannel,
)
from kumeo_runtime.tasks.notify.notice import Addresses, notice_of
from kumeo_runtime.tasks.notify.settings import NotifySettings
from kumeo_runtime.tasks.store import TaskStore
from kumeo_runtime.transport.api import Delivery, TransportError

log = logging.getLogger("kumeo.tasks")
AT_ONCE, ACK_WAIT_S = 4, 60.0
GIVE_UP_US = 24 * 3600 * 1_000_000
"""How old a step may be that is still told."""
_read = msgspec.json.Decoder(Entry).decode


class Notifier:
    """All channels of a workflow."""

    def __init__(
        self,
        shared: Shared,
        settings: NotifySettings,
        addresses: Addresses,
        environ: Mapping[str, str],
    ) -> None:
        """Raises: AgentError when a secret is not set."""
        channels: list[Channel] = []
        if settings.webhook is not None:
            channels.append(WebhookChannel(settings.webhook, environ))
        if settings.mail is not None:
            channels.append(MailChannel(settings.mail, addresses, environ))
        self._posts = [_Post(shared, settings, channel) for channel in channels]

    async def start(self) -> None:
        """Begin to tell. Raises: TransportError."""
        for post in self._posts:
            await post.pump.start()

    async def stop(self) -> None:
        """Tell no more; what is not told stays in the trail."""
        for post in self._posts:
            await post.pump.stop()
            await post.channel.close()


class _Post:
    """One channel and its place in the trail."""

    def __init__(self, shared: Shared, settings: NotifySettings, channel: Channel) -> None:
        self.channel = channel
        self._shared = shared
        self._settings = settings
        self._store = TaskStore(shared)
        names = shared.names
        durable = f"notify_{channel.name}"
        place = Place(channel.name, names.audit("*"), durable, names.tasks)
        self.pump = Pump(shared, place, self._arrived, credit=AT_ONCE, ack_wait_s=ACK_WAIT_S)

    def _arrived(self, delivery: Delivery) -> None:
        self._shared.spawn(self._tell(delivery))

    async def _tell(self, delivery: Delivery) -> None:
        entry = _read(delivery.payload)
        try:
            if entry.action in self._settings.on and not self._is_old(entry):
                await self._told(entry)
        except (LaterError, TransportError) as error:
            return self._again(delivery, entry, str(error))
        except NeverError as error:
            self._shared.observer.count("notifications_refused")
            log.error("%s refuses a notice of task %s: %s", self.channel.name, entry.task, error)
        self.pump.done(delivery)

    def _is_old(self, entry: Entry) -> bool:
        return self._shared.clock.now_us() - entry.at_us > GIVE_UP_US

    async def _told(self, entry: Entry) -> None:
        found = await self._store.find(entry.task)
        if found is None or found[0].status != "open":
            return
        await self.channel.tell(notice_of(entry, found[0], self._settings.link))
        self._shared.observer.count("notifications_sent")

    def _again(self, delivery: Delivery, entry: Entry, why: str) -> None:
        if self._is_old(entry):
            self._shared.observer.count("notifications_given_up")
            log.error("%s: a notice of task %s is given up", self.channel.name, entry.task)
            return self.pump.done(delivery)
        delay = delay_s(delivery.attempt)
        self._shared.observer.count("notification_retries")
        log.warning("%s: %s; told again in %.1f s", self.channel.name, why, delay)
        return self.pump.again(delivery, delay)
