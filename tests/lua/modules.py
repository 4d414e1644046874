"""The plugin's Lua modules as Python functions: a private nginx runs them, HTTP reaches them."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import string
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fixtures.failures import ClauseViolated
from fixtures.promises import promised
from fixtures.wait import eventually
from tests.lua.breakdown import breakdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NGINX_MODULES = Path("/usr/lib/nginx/modules")

START_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 5.0
# One call: the largest masks a body of 32 MB, under two seconds on a slow machine.
CALL_TIMEOUT_S = 30.0

Form = Literal["json", "plain", "percent_encoded"]


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class Span:
    """A string of a JSON text: offsets in bytes between its quotes, and the flags of spans.lua."""

    first: int
    last: int
    is_escaped: bool
    is_member_value: bool
    is_opaque: bool


@dataclass(frozen=True)
class Masked:
    """What masking made of a text.

    Attributes:
        body: The masked bytes; None when the text was refused.
        error: Why it was refused.
        originals: Kind to identifiers, in the order of their numbers.
        counts: Kind to replaced spans.
        total: Replaced spans.
        elapsed_ms: Time that masking took inside nginx.
        cpu_ms: CPU time of the same.
    """

    body: bytes | None
    error: str | None
    originals: Mapping[str, Sequence[bytes]]
    counts: Mapping[str, int]
    total: int
    elapsed_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Restored:
    """What restoring made of a stream: one piece per chunk that went in, and the figures."""

    pieces: Sequence[bytes]
    restored: int
    residual: int
    counts: Mapping[str, int]
    truncated: bool
    bytes_seen: int
    elapsed_ms: float
    cpu_ms: float

    @property
    def body(self) -> bytes:
        """All that left."""
        return b"".join(self.pieces)


@dataclass(frozen=True)
class AtCut:
    """A restored body, its figures, and the first cut that gave them."""

    body: bytes
    restored: int
    residual: int
    cut: int


def _masked(answer: dict[str, Any]) -> Masked:
    originals = answer["originals"]
    return Masked(
        body=base64.b64decode(answer["body"]) if "body" in answer else None,
        error=answer.get("error"),
        originals={kind: [base64.b64decode(item) for item in originals[kind]] for kind in originals},
        counts=dict(answer["counts"]),
        total=answer["total"],
        elapsed_ms=answer["elapsed_ms"],
        cpu_ms=answer["cpu_ms"],
    )


def _restored(answer: dict[str, Any]) -> Restored:
    return Restored(
        pieces=[base64.b64decode(piece) for piece in answer["pieces"]],
        restored=answer["restored"],
        residual=answer["residual"],
        counts=dict(answer["counts"]),
        truncated=answer["truncated"],
        bytes_seen=answer["bytes"],
        elapsed_ms=answer["elapsed_ms"],
        cpu_ms=answer["cpu_ms"],
    )


class LuaModules:
    """A private nginx with the plugin's modules; a context manager.

    Args:
        directory: Empty; holds the configuration and the log.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> LuaModules:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        template = string.Template((HERE / "nginx.conf.template").read_text(encoding="utf-8"))
        config = self.directory / "nginx.conf"
        config.write_text(
            template.substitute(directory=self.directory, modules=NGINX_MODULES, root=ROOT, port=port),
            encoding="utf-8",
        )
        with (self.directory / "stderr.log").open("wb") as stderr:
            self._process = subprocess.Popen(
                [
                    "nginx",
                    "-p",
                    str(self.directory),
                    "-e",
                    str(self.directory / "error.log"),
                    "-c",
                    str(config),
                ],
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                env={**os.environ, "LC_ALL": "C"},
            )
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CALL_TIMEOUT_S)
        try:
            eventually(
                lambda: self._call("rules"),
                timeout_s=START_TIMEOUT_S,
                what="nginx with the plugin's modules",
                transient=(ConnectionRefusedError,),
                still_alive=self._require_running,
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _log(self) -> str:
        logs = [self.directory / "error.log", self.directory / "stderr.log"]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())

    def _require_running(self) -> None:
        if self._process and self._process.poll() is not None:
            raise RuntimeError(f"nginx ended with status {self._process.returncode}:\n{self._log()}")

    def _call(self, operation: str, **arguments: object) -> dict[str, Any]:
        assert self._connection
        body = json.dumps({"operation": operation, **arguments})
        try:
            with promised(f"{operation} comes to no end", TimeoutError):
                self._connection.request("POST", "/", body)
                answer = self._connection.getresponse()
        except (OSError, ClauseViolated):
            self._connection.close()  # else the next request is refused as out of turn
            raise
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise breakdown(f"{operation} failed with status {answer.status}", self._log())
        result: dict[str, Any] = json.loads(content)
        return result

    def find_strings(self, text: bytes) -> list[Span] | None:
        """The strings of a JSON text; None when it is not JSON."""
        answer = self._call("find_strings", body=_encode(text))
        if "error" in answer:
            return None
        assert "spans" in answer, "the tokenizer says neither where strings are nor what is wrong"
        return [
            Span(first, last, bool(flags & 1), bool(flags & 2), bool(flags & 4))
            for first, last, flags in answer["spans"]
        ]

    def mask(self, text: bytes, form: Form = "json", *, off: Iterable[str] = ()) -> Masked:
        """Masks a text; `off` names the switches that are off."""
        return _masked(self._call("mask", body=_encode(text), form=form, off=list(off)))

    def mask_all(self, texts: Iterable[tuple[bytes, Form, Sequence[str]]]) -> list[Masked]:
        """Masks many texts in one call: each with its form and the switches that are off."""
        calls = [
            {"operation": "mask", "body": _encode(text), "form": form, "off": list(off)}
            for text, form, off in texts
        ]
        return [_masked(answer) for answer in self._call("batch", calls=calls)["results"]]

    def restore(
        self,
        chunks: Sequence[bytes],
        originals: Mapping[str, Sequence[bytes]],
        *,
        media_type: str = "text/plain",
        size_max: int | None = None,
    ) -> Restored:
        """Restores a response body of that media type, chunk by chunk; the last one ends it."""
        return _restored(
            self._call(
                "restore",
                chunks=[_encode(chunk) for chunk in chunks],
                originals={kind: [_encode(item) for item in originals[kind]] for kind in originals},
                media_type=media_type,
                **({} if size_max is None else {"size_max": size_max}),
            )
        )

    def restore_all(
        self,
        bodies: Iterable[tuple[Sequence[bytes], str]],
        originals: Mapping[str, Sequence[bytes]],
    ) -> list[Restored]:
        """Restores many bodies in one call: each by its chunks and its media type."""
        encoded = {kind: [_encode(item) for item in originals[kind]] for kind in originals}
        calls = [
            {
                "operation": "restore",
                "chunks": [_encode(chunk) for chunk in chunks],
                "originals": encoded,
                "media_type": media_type,
            }
            for chunks, media_type in bodies
        ]
        return [_restored(answer) for answer in self._call("batch", calls=calls)["results"]]

    def restore_at_every_cut(
        self,
        body: bytes,
        originals: Mapping[str, Sequence[bytes]],
        *,
        media_type: str,
        size_max: int | None = None,
    ) -> list[AtCut]:
        """What comes of a body that is cut in two at each of its bytes in turn; equal results once."""
        answer = self._call(
            "restore_at_every_cut",
            body=_encode(body),
            originals={kind: [_encode(item) for item in originals[kind]] for kind in originals},
            media_type=media_type,
            **({} if size_max is None else {"size_max": size_max}),
        )
        return [
            AtCut(base64.b64decode(one["body"]), one["restored"], one["residual"], one["cut"])
            for one in answer["results"]
        ]

    def blank_sizes(self, sizes: Sequence[int]) -> list[int]:
        """How many bytes the blanks have that are made in these sizes, one after the other."""
        found: list[int] = self._call("blank_sizes", sizes=list(sizes))["sizes"]
        return found

    def rules(self) -> list[dict[str, str]]:
        """The catalogue's rules: switch (absent: always on), pattern as base64, source."""
        rules: list[dict[str, str]] = self._call("rules")["rules"]
        return rules

    def names(self) -> dict[str, str]:
        """Kind to its name in the placeholder."""
        names: dict[str, str] = self._call("rules")["names"]
        return names
