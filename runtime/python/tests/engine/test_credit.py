"""Credit: what is granted and what a pull may still deliver are the same at every moment."""

from kumeo_runtime.engine.credit import Credit


class CountingPull:
    """A pull that only counts: what it may still deliver."""

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0

    def grant(self, messages: int, max_bytes: int) -> None:
        self.messages += messages
        self.bytes += max_bytes

    async def stop(self) -> None:
        """Nothing runs."""


def opened(messages: int = 10, size: int = 1000) -> tuple[Credit, CountingPull]:
    credit, pull = Credit(messages, size, lambda: 1 << 30), CountingPull()
    credit.open(pull)
    return credit, pull


def deliver(credit: Credit, pull: CountingPull, *sizes: int) -> None:
    for size in sizes:
        pull.messages -= 1
        pull.bytes -= size
        credit.arrived(size)


def test_credit_more_comes_than_was_asked_for_pull_goes_on_asking() -> None:
    credit, pull = opened()
    deliver(credit, pull, *[10] * 20)
    assert (pull.messages, pull.bytes) == (-10, 800)
    for _ in range(20):
        credit.released(10)
    assert (pull.messages, pull.bytes) == (10, 1000)


def test_credit_bursts_of_small_messages_never_more_bytes_than_the_limit() -> None:
    credit, pull = opened()
    for _ in range(50):
        deliver(credit, pull, *[1] * pull.messages)
        for _ in range(10):
            credit.released(1)
        assert pull.bytes <= 1000


def test_credit_larger_message_than_all_bytes_gives_all_back() -> None:
    credit, pull = opened()
    deliver(credit, pull, 5000)
    assert pull.bytes == -4000
    credit.released(5000)
    assert (pull.messages, pull.bytes) == (10, 1000)
