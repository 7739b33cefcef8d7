"""The process that opens one pickle: standard input is the pickle, standard output a skops file.

It imports nothing of Kumeo. Libraries are loaded first; then limits are set and a filter of the
kernel refuses sockets, programs, signals and every change of a file; only then the pickle is
opened. Anything that fails ends the process with one line on standard error.
"""

import ctypes
import io
import os
import platform
import resource
import struct
import sys
from typing import Any, NamedTuple

MEMORY_MAX = 4 << 30
CPU_MAX_S = 60


class Calls(NamedTuple):
    """Numbers of system calls of one machine. `opens` come with the place of their flags."""

    architecture: int
    refused: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]
    clone: int


_NEW = (424, 425, 437)  # pidfd_send_signal, io_uring_setup, openat2: the same on all machines
_CALLS = {
    "x86_64": Calls(
        0xC000003E,
        (
            *(41, 42, 49, 53),  # socket, connect, bind, socketpair
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 200, 234, 101, 310, 311),  # kill, tkill, tgkill, ptrace, process_vm_*
            *(76, 77, 82, 264, 316, 83, 258, 84),  # truncate, rename, mkdir, rmdir
            *(85, 86, 265, 87, 263, 88, 266),  # creat, link, unlink, symlink
            *(90, 91, 268, 92, 93, 94, 260, 133, 259, 165),  # chmod, chown, mknod, mount
            *_NEW,
        ),
        ((2, 1), (257, 2)),
        56,
    ),
    "aarch64": Calls(
        0xC00000B7,
        (
            *(198, 203, 200, 199),
            *(221, 281),
            *(129, 130, 131, 117, 270, 271),
            *(45, 46, 38, 276, 34),
            *(37, 35, 36),
            *(52, 53, 54, 55, 33, 40),
            *_NEW,
        ),
        ((56, 2),),
        220,
    ),
}
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000
"""Flags of `open`: to write, to create, to empty."""
_LOAD, _JUMP_EQUAL, _JUMP_NOT_BELOW, _JUMP_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_MISSING = 0x00050000 | 38
"""Answers that there is no such call; libraries then take the older one."""
_CLONE3, _THREAD = 435, 0x10000
"""`clone` makes a thread with this flag, and a process without it."""
_FOREIGN_ABI = 0x40000000
"""Numbers of system calls from here on are those of x32, which would pass by the list."""
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def confine() -> None:
    """Refuse sockets, programs, signals and changes of files from here on.

    Raises: OSError if the kernel does not do it.
    """
    if platform.machine() not in _CALLS:
        raise OSError(f"no filter is known for {platform.machine()}")
    rules = _rules(_CALLS[platform.machine()])
    code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(rules), ctypes.cast(buffer, ctypes.c_void_p).value)
    library = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_NO_NEW_PRIVILEGES, 1, 0, 0, 0),
        (_SECCOMP, _FILTER, ctypes.byref(program), 0, 0),
    ):
        if library.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "the kernel refuses the filter")


def _rules(calls: Calls) -> list[tuple[int, int, int, int]]:
    """Return the filter: code, steps to jump if it holds, if not, and a number."""
    rules = [
        *((_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, calls.architecture), (_RETURN, 0, 0, _KILL)),
        *((_LOAD, 0, 0, 0), (_JUMP_NOT_BELOW, 0, 1, _FOREIGN_ABI), (_RETURN, 0, 0, _KILL)),
    ]
    for number in calls.refused:
        rules += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _DENY)]
    for number, flags in calls.opens:
        rules += [
            *((_JUMP_EQUAL, 0, 4, number), (_LOAD, 0, 0, 16 + 8 * flags)),
            *((_JUMP_ANY, 0, 1, _WRITES), (_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)),
        ]
    return [
        *rules,
        *((_JUMP_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _MISSING)),
        *((_JUMP_EQUAL, 0, 3, calls.clone), (_LOAD, 0, 0, 16)),
        *((_JUMP_ANY, 1, 0, _THREAD), (_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)),
    ]


def limit() -> None:
    """Set limits of memory, time, files and cores."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Open the pickle and write its model."""
    import joblib  # type: ignore[import-untyped]
    import sklearn.ensemble  # type: ignore[import-untyped]
    import sklearn.pipeline  # type: ignore[import-untyped]
    import skops.io  # pyright: ignore[reportMissingTypeStubs]

    libraries: Any = (joblib, skops.io)
    assert sklearn.ensemble, "it is loaded before the filter"
    assert sklearn.pipeline, "it is loaded before the filter"
    data, answer = sys.stdin.buffer.read(), os.dup(1)
    os.dup2(2, 1)  # What the pickle prints is no part of the answer.
    limit()
    confine()
    model = libraries[0].load(io.BytesIO(data))
    with os.fdopen(answer, "wb") as stream:
        stream.write(libraries[1].dumps(model))


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:  # Whatever a pickle does, one line tells it.
        sys.stderr.write(f"\n{type(error).__name__}: {str(error).splitlines()[:1]}\n")
        sys.stderr.flush()
        os._exit(1)
