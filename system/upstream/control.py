"""The control side, ``/_emulator/``: scripts in, captures out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from pydantic import ValidationError

from system.upstream.protocol import (
    CONTROL_PREFIX,
    EVICTED_HEADER,
    LAST_HEADER,
    ControlError,
    Health,
    Released,
    Script,
)
from system.upstream.response import Response

if TYPE_CHECKING:
    from pydantic import BaseModel

    from system.upstream.captures import CaptureLog
    from system.upstream.http1 import Request
    from system.upstream.script import ScriptBook, ScriptEntry

_DIGITS_MAX = 18
_NO_LIMIT = 10**_DIGITS_MAX


class _Refusal(Exception):  # noqa: N818 - an answer, not a failure
    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Control:
    """Answers requests under `CONTROL_PREFIX`."""

    def __init__(self, scripts: ScriptBook, captures: CaptureLog) -> None:
        self._scripts = scripts
        self._captures = captures

    def respond(self, request: Request, *, connections_open: int) -> Response:
        """Return the answer; never raises for what a client sent."""
        try:
            return self._route(request, connections_open)
        except _Refusal as refusal:
            return _json(ControlError(error=str(refusal)), refusal.status)

    def _route(self, request: Request, connections_open: int) -> Response:
        parts = tuple(unquote(part) for part in request.path.removeprefix(CONTROL_PREFIX).split("/"))
        match request.method, parts:
            case "GET", ("health",):
                response = self._health(connections_open)
            case (("GET" | "PUT" | "DELETE"), ("scripts", script_id)) if script_id:
                response = self._script(request, script_id)
            case "POST", ("scripts", script_id, "release"):
                response = _json(Released(released=self._entry(script_id).release()))
            case (("GET" | "DELETE"), ("captures",)):
                response = self._list(request)
            case "GET", ("captures", "export"):
                response = self._export(request)
            case "GET", ("captures", index, "body"):
                response = self._body(index)
            case _:
                raise _Refusal(404, f"nothing answers {request.method} {request.path}")
        return response

    def _health(self, connections_open: int) -> Response:
        log = self._captures
        return _json(
            Health(
                pid=os.getpid(),
                connections_open=connections_open,
                captures_last=log.last,
                captures_kept=len(log),
                captures_kept_bytes=log.kept_bytes,
                captures_evicted=log.evicted,
                scripts=len(self._scripts),
            )
        )

    def _entry(self, script_id: str) -> ScriptEntry:
        entry = self._scripts.get(script_id)
        if entry is None:
            raise _Refusal(404, f"no script has the id {script_id!r}")
        return entry

    def _script(self, request: Request, script_id: str) -> Response:
        if request.method == "DELETE":
            state = self._entry(script_id).state()
            self._scripts.remove(script_id)
            return _json(state)
        if request.method == "PUT":
            self._scripts.put(script_id, _parse_script(script_id, request.body))
        return _json(self._entry(script_id).state())

    def _list(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._captures.discard(_number(request, "up_to", self._captures.last))
            return _json(self._captures.page(0, 0))
        after = _number(request, "after", 0)
        return _json(self._captures.page(after, _number(request, "limit", _NO_LIMIT)))

    def _export(self, request: Request) -> Response:
        body = self._captures.export(_number(request, "after", 0))
        headers = {
            "content-type": "application/octet-stream",
            LAST_HEADER.lower(): str(self._captures.last),
            EVICTED_HEADER.lower(): str(self._captures.evicted),
        }
        return Response(200, headers, body)

    def _body(self, index: str) -> Response:
        capture = self._captures.find(int(index)) if index.isdecimal() else None
        if capture is None:
            raise _Refusal(404, f"no capture {index!r} is kept; the last one made is {self._captures.last}")
        return Response(200, {"content-type": "application/octet-stream"}, capture.request.body)


def _json(model: BaseModel, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, model.model_dump_json().encode())


def _parse_script(script_id: str, body: bytes) -> Script:
    try:
        return Script.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        given = f", not {repr(first['input'])[:80]}" if where else ""
        raise _Refusal(
            400, f"script {script_id!r}: {where + ': ' if where else ''}{first['msg']}{given}"
        ) from None


def _number(request: Request, name: str, default: int) -> int:
    query = parse_qs(request.target.partition(b"?")[2].decode("latin-1"), keep_blank_values=True)
    values = query.get(name)
    if values is None:
        return default
    if len(values) != 1 or not values[0].isdecimal() or len(values[0]) > _DIGITS_MAX:
        raise _Refusal(400, f"{name}={values[0]!r}: a number, 0 or larger, was expected")
    return int(values[0])
