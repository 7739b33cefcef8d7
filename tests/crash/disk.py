"""The disk is full: nothing is lost, and everything goes on when there is room again.

    python tests/crash/disk.py [disk-full store-full]

`disk-full` is a real one: the store is on a small tmpfs in a mount namespace of its own
(`unshare -rm`, no root needed), filled to the last byte, so that the server gets ENOSPC. A server
does not write any more after that until it is started again. `store-full` is the limit of the
server (`max_file_store`): it refuses what does not fit and goes on by itself.
"""

import asyncio
import contextlib
import errno
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from kumeo_runtime.spec import StreamSizes, Workflow
from kumeo_runtime.transport.api import Outcome, Outgoing, StreamConfig
from processes import until_listening
from scenarios import Stand, Told, play, pushed, two_stages

COUNT = 600
ROOM_MB = 24
SMALL = StreamSizes(edges_bytes=4 << 20, journal_bytes=1 << 20)


def small() -> Workflow:
    """Return the workflow of the scenarios with streams that fit onto the disk."""
    return replace(two_stages(), sizes=SMALL)


@asynccontextmanager
async def small_disk(folder: Path) -> AsyncGenerator[int]:
    """Mount a small disk over a folder, seen only by a process that waits; yield its pid."""
    folder.mkdir()
    script = f"mount -t tmpfs -o size={ROOM_MB}m tmpfs {folder} && echo ok && exec sleep 600"
    holder = await asyncio.create_subprocess_exec(
        "unshare", "-rm", "sh", "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        line = await holder.stdout.readline()
        assert line == b"ok\n", "no mount namespace here: user namespaces are switched off"
        yield holder.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            holder.kill()
        await holder.wait()


def fill(file: Path) -> int:
    """Write until the disk has no byte left; return how many went in."""
    size = 0
    with file.open("wb", buffering=0) as out:
        for block in (1 << 16, 512, 1):
            try:
                while True:
                    size += out.write(b"\0" * block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return size


async def disk_full(folder: Path) -> Told:
    """ENOSPC while events come in; then there is room, and the server is started again."""
    disk = folder / "disk"
    async with small_disk(disk) as pid:
        stand = Stand(folder, small())
        inside = ["nsenter", "-t", str(pid), "-U", "-m", "--preserve-credentials"]
        where = stand.server.command.index(str(folder / "store"))
        stand.server.command[where] = str(disk / "store")
        stand.server.command = [*inside, *stand.server.command]
        async with stand:
            await stand.serve()
            await pushed(stand, COUNT // 3, 0)
            ballast = Path(f"/proc/{pid}/root{disk}/ballast")
            filled = await asyncio.to_thread(fill, ballast)
            feeding = asyncio.ensure_future(pushed(stand, COUNT - COUNT // 3, COUNT // 3))
            await asyncio.sleep(8.0)
            was_stuck = not feeding.done()
            log = (folder / "store.log").read_text(encoding="utf-8")
            ballast.unlink()
            stand.server.signal(signal.SIGKILL)
            await asyncio.sleep(0.5)
            await until_listening(stand.port)
            await asyncio.wait_for(feeding, 60)
            waited = await stand.idle()
            assert was_stuck, "the disk was never full"
            return {
                **await stand.judge(COUNT),
                "filled": filled,
                "no_space_in_log": log.lower().count("no space left"),
                "idle_after_s": waited,
            }


async def store_full(folder: Path) -> Told:
    """The limit of the server is reached by a stream of somebody else, who then removes it."""
    config = f"jetstream {{ max_file_store: {ROOM_MB << 20} }}\n"
    async with Stand(folder, small(), config) as stand:
        await stand.serve()
        await pushed(stand, COUNT // 3, 0)
        transport = stand.client.shared.transport
        await transport.ensure_stream(StreamConfig("BALLAST", ("ballast",)))
        filled = 0
        for block in (1 << 18, 1 << 12, 1 << 6):
            while await is_stored(stand, block):
                filled += block
        feeding = asyncio.ensure_future(pushed(stand, COUNT - COUNT // 3, COUNT // 3))
        await asyncio.sleep(4.0)
        was_stuck = not feeding.done()
        await transport.purge("BALLAST", ">")
        await asyncio.wait_for(feeding, 60)
        waited = await stand.idle()
        assert was_stuck, "the store was never full"
        return {**await stand.judge(COUNT), "filled": filled, "idle_after_s": waited}


async def is_stored(stand: Stand, size: int) -> bool:
    """Store some bytes that nobody needs."""
    answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    message = Outgoing("ballast", os.urandom(size))
    stand.client.shared.transport.publish(message, answer.set_result)
    return type(await answer).__name__ == "Accepted"


DISKS: dict[str, Callable[[Path], Awaitable[Told]]] = {
    "disk-full": disk_full,
    "store-full": store_full,
}


if __name__ == "__main__":
    sys.exit(play(DISKS, sys.argv[1:]))
