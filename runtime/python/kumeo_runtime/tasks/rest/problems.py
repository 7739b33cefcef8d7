"""Errors of the service as problem documents (RFC 9457)."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from kumeo_runtime.tasks.rest.shapes import Problem
from kumeo_runtime.tasks.rules import FieldError, Refusal

PROBLEM = "application/problem+json"
_STATUS = {
    "unknown-task": 404,
    "stale": 409,
    "closed": 409,
    "held": 409,
    "not-held": 409,
    "forbidden": 403,
    "invalid": 422,
}


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    """The request is not done."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: tuple[FieldError, ...] = (),
        revision: int | None = None,
        retry_s: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        title = HTTPStatus(status).phrase
        self.problem = Problem(title, status, code, detail, errors, revision)
        self.retry_s = retry_s

    @staticmethod
    def of(refusal: Refusal) -> "Refused":
        """Return what a refusal of an action is over HTTP."""
        status = _STATUS[refusal.code]
        errors, revision = refusal.errors, refusal.revision
        return Refused(status, refusal.code, refusal.message, errors, revision)

    def response(self) -> web.Response:
        """Return the answer."""
        headers: dict[str, str] = {}
        if self.problem.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.retry_s is not None:
            headers["Retry-After"] = str(self.retry_s)
        body = msgspec.json.encode(self.problem)
        status = self.problem.status
        return web.Response(status=status, body=body, headers=headers, content_type=PROBLEM)
