"""`ModelServer`: a small HTTP server that stands for a model server in tests."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with one request: wait, then answer."""

    body: bytes | str = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay_s: float = 0.0
    hang_up: bool = False
    """Whether the connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the server was asked."""

    path: str
    headers: Mapping[str, str]
    body: Any


def openai(content: str | None, **parts: Any) -> Answer:
    """Return an answer as OpenAI writes it; `parts` go into the choice."""
    message = {"role": "assistant", "content": content, "refusal": parts.pop("refusal", None)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **parts}
    usage = {"prompt_tokens": 11, "completion_tokens": 5}
    return Answer(json.dumps({"id": "c", "choices": [choice], "usage": usage}))


def ollama(content: str, **parts: Any) -> Answer:
    """Return an answer as Ollama writes it."""
    message = {"role": "assistant", "content": content}
    counts = {"prompt_eval_count": 7, "eval_count": 3}
    return Answer(json.dumps({"message": message, "done": True, **counts, **parts}))


class ModelServer:
    """Gives its answers one after the other, the last one for ever; keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_answer(self, request: Request) -> Answer:
        """Keep a request and return what to answer."""
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self._stopping.wait(seconds)


def _handler_of(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            answer = server.next_answer(
                Request(self.path, dict(self.headers.items()), json.loads(data))
            )
            server.wait(answer.delay_s)
            if answer.hang_up:
                self.close_connection = True
                return
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client has given up

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
