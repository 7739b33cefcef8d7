"""Runs a `nats-server` for as long as somebody needs it. A program of its own, started by path.

    python minder.py BINARY CONFIG CONNECTION FIFO_FD LOCK_FD

Each user of the server holds the writing end of the FIFO open. The kernel closes it however the
user ends, SIGKILL too; when nobody is left the server gets SIGTERM. Without the minder such an
orphan would keep the folder, and a second server on it corrupts the streams.

It imports little: its start is part of the cold start of `kumeo run`.
"""

import contextlib
import os
import select
import signal
import sys
import time

_LOOK_S = 0.5
_GRACE_S = 2.0
"""From SIGTERM to SIGKILL; what was acknowledged survives both."""


def main(binary: str, config: str, connection: str, fifo: int, lock: int) -> int:
    """Run the server until it ends or nobody needs it; return the exit code of the server."""
    os.set_inheritable(fifo, False)
    os.set_inheritable(lock, True)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    ended: list[int] = []
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    server = os.posix_spawn(binary, [binary, "--config", config], os.environ)
    poll = select.poll()
    poll.register(fifo, select.POLLIN)
    poll.register(wake_read, select.POLLIN)
    while not ended and is_needed(fifo, connection):
        code = exit_code(server)
        if code is not None:
            return code
        wait(poll, wake_read)
    return stop(server)


def is_needed(fifo: int, connection: str) -> bool:
    """Return whether anybody has the FIFO open.

    The connection file goes first and the FIFO is asked again: who opened it in between either
    misses the file and tries again, or is seen here and gets the file back.
    """
    if has_writer(fifo):
        return True
    hidden = f"{connection}.old"
    with contextlib.suppress(OSError):
        os.rename(connection, hidden)
    if not has_writer(fifo):
        with contextlib.suppress(OSError):
            os.unlink(hidden)
        return False
    with contextlib.suppress(OSError):
        os.rename(hidden, connection)
    return True


def has_writer(fifo: int) -> bool:
    """Return whether anybody has the FIFO open for writing."""
    try:
        return os.read(fifo, 4096) != b""
    except BlockingIOError:
        return True


def wait(poll: "select.poll", wake_read: int) -> None:
    """Sleep until the FIFO loses its writers, a signal comes, or half a second has passed."""
    for handle, _ in poll.poll(_LOOK_S * 1000):
        if handle == wake_read:
            os.read(wake_read, 512)


def exit_code(process: int) -> int | None:
    """Return the exit code of an ended child, or None."""
    ended, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def stop(server: int) -> int:
    """End the server, gently first."""
    os.kill(server, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline:
        code = exit_code(server)
        if code is not None:
            return code
        time.sleep(0.01)
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
