"""Bytes on a socket, for what an HTTP client hides: separate reads, framing, order, broken connections."""

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httptools

from tests.upstream.emulator import Emulator

# No read of these tests waits longer for bytes that are on their way.
READ_TIMEOUT_S = 10.0


class Wire:
    """One connection; every `read` is one `recv`."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def send(self, data: bytes) -> None:
        """Hands all of it to the kernel."""
        self.socket.sendall(data)

    def reset_at_close(self) -> None:
        """Makes the end of this side a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def read(self) -> bytes:
        """Returns what one read gives; empty at the end of the stream."""
        return self.socket.recv(1 << 20)

    def read_until(self, end: bytes) -> bytes:
        """Reads until what came ends with `end`."""
        data = b""
        while not data.endswith(end):
            part = self.read()
            assert part, f"the stream ended before {end!r}: {data!r}"
            data += part
        return data

    def reads_to_end(self) -> list[bytes]:
        """Returns all reads up to the end of the stream."""
        return list(iter(self.read, b""))

    def peek(self) -> bytes:
        """Returns what waits in the kernel, and leaves it there."""
        return self.socket.recv(1 << 20, socket.MSG_PEEK)

    def responses(self, count: int) -> list["Parsed"]:
        """Reads until `count` responses are whole."""
        parsed: list[Parsed] = []
        current = Parsed()
        parser = httptools.HttpResponseParser(current)
        while len(parsed) < count:
            data = self.read()
            assert data, f"the stream ended after {len(parsed)} of {count} responses"
            for offset in range(len(data)):
                parser.feed_data(data[offset : offset + 1])
                if current.complete:
                    current.status = parser.get_status_code()
                    parsed.append(current)
                    current = Parsed()
                    parser = httptools.HttpResponseParser(current)
        return parsed


class Parsed:
    """One response, as httptools parses it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = False

    # httptools' side

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header."""
        self.headers[name.decode().lower()] = value.decode()

    def on_body(self, chunk: bytes) -> None:
        """Takes a part of the body."""
        self.body += chunk

    def on_message_complete(self) -> None:
        """Takes the end."""
        self.complete = True


@contextmanager
def connected(emulator: Emulator) -> Iterator[Wire]:
    with socket.create_connection(emulator.address, timeout=READ_TIMEOUT_S) as sock:
        yield Wire(sock)


def request(
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    target: str = "/",
    version: str = "1.1",
) -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: upstream", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
