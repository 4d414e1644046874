"""A reader of Redis replies that never holds more than one message of the allowed size.

redis-py's parsers collect a whole bulk string before they hand it on, so one message of 100 MB costs several
times that in memory. This one discards an oversized bulk string as it arrives and keeps only its length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from redis._parsers.base import AsyncBaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse

LINE_BYTES_MAX: Final = 65_536
"""A header or error line longer than this is no Redis reply (Redis' own inline limit)."""

ITEMS_MAX: Final = 1_024
"""Items of an array at most; a Pub/Sub reply has three or four."""

READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Oversized:
    """Stands for a bulk string above the limit, which was discarded.

    Attributes:
        length: Its size in bytes.
    """

    length: int


Scalar = bytes | int | Oversized | Exception | None
Reply = Scalar | list[Scalar]


class Incomplete:
    """The bytes so far hold no whole reply."""


INCOMPLETE: Final = Incomplete()


class ReplyReader:
    """Incremental parser of RESP2 replies: scalars, and arrays of scalars (all that Pub/Sub sends).

    Args:
        bulk_bytes_max: A longer bulk string is replaced by `Oversized`.
        error: Makes the exception for the text of an error reply.
    """

    def __init__(self, bulk_bytes_max: int, error: Callable[[str], Exception]) -> None:
        self._bulk_bytes_max = bulk_bytes_max
        self._error = error
        self._buffer = bytearray()
        self._position = 0
        self._discard = 0
        self._array: list[Scalar] | None = None
        self._array_left = 0

    @property
    def held_bytes(self) -> int:
        """Bytes kept for the reply in progress."""
        return len(self._buffer) - self._position

    def feed(self, data: bytes) -> None:
        """Add bytes as they came."""
        if self._discard:
            skipped = min(self._discard, len(data))
            self._discard -= skipped
            data = data[skipped:]
        if self._position:
            del self._buffer[: self._position]
            self._position = 0
        self._buffer += data

    def reply(self) -> Reply | Incomplete:
        """Take the next whole reply.

        Raises:
            InvalidResponse: The bytes are no RESP2.
        """
        while True:
            item = self._array_start() if self._array is None else self._scalar()
            if isinstance(item, Incomplete):
                return item
            if self._array is None:
                return item
            if item is not self._array:
                self._array.append(item)  # type: ignore[arg-type]  # `_scalar` gives no list
                self._array_left -= 1
            if self._array_left == 0:
                whole, self._array = self._array, None
                return whole

    def _array_start(self) -> Reply | Incomplete:
        """Open an array and return it, or take a scalar that stands alone."""
        if self._buffer[self._position : self._position + 1] != b"*":
            return self._scalar()
        line = self._line()
        if isinstance(line, Incomplete):
            return line
        count = self._integer(line)
        if count < 0:
            return None
        if count > ITEMS_MAX:
            raise InvalidResponse(f"array of {count} items: more than {ITEMS_MAX}")
        self._array, self._array_left = [], count
        return self._array

    def _line(self) -> bytes | Incomplete:
        end = self._buffer.find(b"\r\n", self._position)
        if end < 0:
            if self.held_bytes > LINE_BYTES_MAX:
                raise InvalidResponse(f"line of more than {LINE_BYTES_MAX} bytes")
            return INCOMPLETE
        line = bytes(self._buffer[self._position : end])
        self._position = end + 2
        return line

    @staticmethod
    def _integer(line: bytes) -> int:
        try:
            return int(line[1:])
        except ValueError:
            raise InvalidResponse(f"no number after the type byte {line[:1]!r}") from None

    def _scalar(self) -> Scalar | Incomplete:
        start = self._position
        line = self._line()
        if isinstance(line, Incomplete):
            return line
        match line[:1]:
            case b"$":
                return self._bulk(self._integer(line), start)
            case b"+":
                return line[1:]
            case b":":
                return self._integer(line)
            case b"-":
                return self._error(line[1:].decode("utf-8", errors="replace"))
            case other:
                raise InvalidResponse(f"unexpected type byte {other!r}")

    def _bulk(self, length: int, start: int) -> Scalar | Incomplete:
        if length < 0:
            return None
        end = self._position + length + 2
        have = len(self._buffer)
        if length > self._bulk_bytes_max:
            self._discard = max(0, end - have)
            self._position = min(end, have)
            return Oversized(length)
        if have < end:
            self._position = start
            return INCOMPLETE
        value = bytes(self._buffer[self._position : end - 2])
        self._position = end
        return value


class BoundedParser(AsyncBaseParser):
    """`ReplyReader` as a parser class of a redis-py connection.

    Args:
        socket_read_size: Given by redis-py; reads are `READ_BYTES` whatever it says.
        bulk_bytes_max: A longer bulk string is replaced by `Oversized`.
        on_bytes: Called whenever bytes came, be it in the middle of a reply: a sign of life.
    """

    def __init__(self, socket_read_size: int, *, bulk_bytes_max: int, on_bytes: Callable[[], None]) -> None:
        super().__init__(socket_read_size)
        self._bulk_bytes_max = bulk_bytes_max
        self._on_bytes = on_bytes
        self._replies = self._new_reader()

    def _new_reader(self) -> ReplyReader:
        return ReplyReader(self._bulk_bytes_max, self.parse_error)

    def on_connect(self, connection: Any) -> None:
        """Start with an empty buffer on the new stream."""
        self._stream = connection._reader  # noqa: SLF001  # as every parser of redis-py does
        self._replies = self._new_reader()

    def on_disconnect(self) -> None:
        """Refuse further reads."""
        self._stream = None

    async def can_read(self) -> bool:
        """Say whether unread bytes are held."""
        return self._replies.held_bytes > 0

    async def can_read_destructive(self) -> bool:
        """Say whether unread bytes are held."""
        return await self.can_read()

    async def read_response(self, disable_decoding: bool = False) -> Any:  # noqa: ARG002  # redis-py's signature
        """Wait for the next reply; errors that concern the connection are raised, others returned."""
        while isinstance(reply := self._replies.reply(), Incomplete):
            data = await self._stream.read(READ_BYTES) if self._stream is not None else b""
            if not data:
                raise RedisConnectionError("Connection closed by server.")
            self._on_bytes()
            self._replies.feed(data)
        if isinstance(reply, RedisConnectionError):
            raise reply
        return reply
