"""The naive proxy with one defect more each, for the rows that it holds: as real proxies were seen to have them."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import time
from typing import TYPE_CHECKING, Any, ClassVar

from tests.conformance.naive_proxy import IDENTIFIER, NaiveProxy

if TYPE_CHECKING:
    import http.client
    from collections.abc import Iterable, Iterator

MIB = 1 << 20


class ForgetsTools(NaiveProxy):
    """Masks what people write, and not what programs add to it."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return body if b'"tools"' in body else super().masked(body)


class DropsMembers(NaiveProxy):
    """Reads requests into a schema, and forwards what that knows."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        document = json.loads(super().masked(body))
        known = {"model", "max_tokens", "messages", "system", "tools", "stream"}
        return json.dumps({key: document[key] for key in document if key in known}).encode()


class MasksTheBeginning(NaiveProxy):
    """Looks at the first 64 KiB of a body."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return super().masked(body[: 1 << 16]) + body[1 << 16 :]


class CutsIdentifiers(NaiveProxy):
    """Keeps identifiers in a column of 17 characters."""

    def placeholder(self, identifier: bytes) -> bytes:
        """See the base."""
        return super().placeholder(identifier[:17])


class Rewrites(NaiveProxy):
    """Parses JSON and writes it anew, on both ways."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return json.dumps(json.loads(super().masked(body))).encode()

    def restored(self, chunk: bytes) -> bytes:
        """See the base."""
        try:
            return json.dumps(json.loads(super().restored(chunk)), separators=(",", ":")).encode()
        except ValueError:
            return super().restored(chunk)


class SendsItsTable(NaiveProxy):
    """Tells the upstream what it did, in a member."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return super().masked(body)[:-1] + b',"masked":{"ec2":1}}'


class SendsItsTableInAHeader(NaiveProxy):
    """Tells the upstream what it did, in a header."""

    def forwarded(self) -> dict[str, str]:
        """See the base."""
        return {**super().forwarded(), "x-masked": "ec2: 1"}


class ForwardsDecoded(NaiveProxy):
    """Decodes a body, and says that it is encoded."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        is_gzip = self.headers.get("content-encoding") == "gzip"
        return super().masked(gzip.decompress(body) if is_gzip else body)


class DropsTheCoding(NaiveProxy):
    """Does not tell the client how an answer is encoded."""

    def send_header(self, keyword: str, value: str) -> None:
        """See the base."""
        if keyword.lower() != "content-encoding":
            super().send_header(keyword, value)


class QuotesItsPlaceholders(NaiveProxy):
    """Has placeholders that JSON has to escape."""

    def placeholder(self, identifier: bytes) -> bytes:
        """See the base."""
        with self.lock:
            return self.placeholders.setdefault(identifier, b'ID\\"%d' % (len(self.placeholders) + 1))


class MasksOneRoute(NaiveProxy):
    """Knows `/v1/messages` and nothing else."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return super().masked(body) if self.path == "/v1/messages" else body


class TakesTheSquareOfTheSize(NaiveProxy):
    """As one whose pattern looks from every byte to the end."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        time.sleep(0.2 * (len(body) / MIB) ** 2)
        return super().masked(body)


class RestoresTextOnly(NaiveProxy):
    """Restores text blocks, of answers that are no stream."""

    def restored(self, chunk: bytes) -> bytes:
        """See the base."""
        return re.sub(
            rb'"text":"[^"]*"', lambda found: super(RestoresTextOnly, self).restored(found[0]), chunk
        )


class PutsBackUnquoted(NaiveProxy):
    """Masks decoded strings, ARNs too, and puts the originals back as they are."""

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        pattern = re.compile(rb"arn:aws:\S+|" + IDENTIFIER.pattern)

        def walk(value: Any) -> Any:
            if isinstance(value, str):
                return pattern.sub(lambda found: self.placeholder(found[0]), value.encode()).decode()
            if isinstance(value, list):
                return [walk(item) for item in value]
            return {key: walk(item) for key, item in value.items()} if isinstance(value, dict) else value

        return json.dumps(walk(json.loads(body))).encode()


class HidesErrors(NaiveProxy):
    """Answers with 502 for every error of the upstream."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """See the base."""
        super().send_response(502 if code >= 400 else code, message)


class AlwaysSendsChunks(NaiveProxy):
    """Sends chunks to every client."""

    def end_headers(self) -> None:
        """See the base."""
        self.send_header("Transfer-Encoding", "chunked")
        super().end_headers()

    def restored(self, chunk: bytes) -> bytes:
        """See the base."""
        piece = super().restored(chunk)
        return b"%x\r\n%b\r\n" % (len(piece), piece)

    def chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """See the base."""
        yield from super().chunks(response)
        yield b""


class LeavesTrailersAlone(NaiveProxy):
    """Passes an answer that announces trailers as it is."""

    def chunks(self, response: http.client.HTTPResponse) -> Iterable[bytes]:
        """See the base."""
        if response.headers.get("trailer"):
            self.wfile.write(response.read())
            return ()
        return super().chunks(response)


class NumbersAnew(NaiveProxy):
    """Gives every request placeholders of its own, which no other request had."""

    numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def placeholder(self, identifier: bytes) -> bytes:
        """See the base."""
        with self.lock:
            self.placeholders[identifier] = b"ID_%d" % next(self.numbers)
            return self.placeholders[identifier]


class Collects(NaiveProxy):
    """Passes an answer on when it has all of it."""

    def chunks(self, response: http.client.HTTPResponse) -> Iterable[bytes]:
        """See the base."""
        return [b"".join(super().chunks(response))]


class HoldsAPieceBack(NaiveProxy):
    """Passes a piece on when the next one has come."""

    def chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """See the base."""
        held = b""
        for chunk in super().chunks(response):
            yield held
            held = chunk
        yield held


class ConfusesClients(NaiveProxy):
    """Gives each client the answer that another one waits for. Masks nothing, so that its owner is seen."""

    answers: ClassVar[list[bytes]] = []

    def masked(self, body: bytes) -> bytes:
        """See the base."""
        return body

    def chunks(self, response: http.client.HTTPResponse) -> Iterable[bytes]:
        """See the base."""
        whole = b"".join(super().chunks(response))
        with self.lock:
            self.answers.append(whole)
            return [self.answers.pop(0) if len(self.answers) > 1 else whole]


class AnswersOtherwise(NaiveProxy):
    """Answers with JSON that is no message."""

    def restored(self, chunk: bytes) -> bytes:
        """See the base."""
        return b'{"content":"' + b"x" * len(chunk) + b'"}'


# What else fails, by row, and how the table tells it.
WORSE: dict[type[NaiveProxy], dict[str, str]] = {
    ForgetsTools: {"positions": "tool name: received in clear"},
    DropsMembers: {"positions": "another document arrived"},
    MasksTheBeginning: {"sizes": "131072 bytes: received in clear"},
    CutsIdentifiers: {"overlaps": "the echo is not what was sent"},
    AnswersOtherwise: {"overlaps": "the echo is not what was sent"},
    ForwardsDecoded: {"content encodings": "gzip: what was forwarded is not gzip"},
    DropsTheCoding: {"compression": "upstream sent gzip: not to be read"},
    QuotesItsPlaceholders: {"network cuts: JSON": "bytes from the placeholder's first"},
    Rewrites: {"other bytes": "was rewritten", "nothing to restore": "was changed"},
    SendsItsTable: {"no additions": "members were added"},
    SendsItsTableInAHeader: {"no additions": "headers were added: x-masked"},
    MasksOneRoute: {"count_tokens": "received in clear"},
    TakesTheSquareOfTheSize: {"busy documents": "four times the size takes"},
    RestoresTextOnly: {"whole tools": "not restored in each place"},
    PutsBackUnquoted: {"quoting": "an ARN of odd characters"},
    HidesErrors: {"statuses and lengths": "429 became 502"},
    AlwaysSendsChunks: {"HTTP/1.0": "chunks for HTTP/1.0"},
    LeavesTrailersAlone: {"trailers": "stream: False"},
    NumbersAnew: {
        "thinking signatures": "the next turn was answered with 400",
        "prompt cache": "of the bytes before it stayed",
    },
    Collects: {"no waiting": "not within 3 s", "delays": "delta 1 of 8 comes"},
    HoldsAPieceBack: {"delays": "delta 1 of 8 comes"},
    ConfusesClients: {"200 tenants": "a client got another's"},
}
