"""Whether the other end of a local TCP connection has read what was sent to it.

Two writes, however far apart, are one read for a receiver that was busy in between. The kernel knows what
its socket got and has not read yet (``sock_diag``, the source of ``ss -ti``), so a sender can wait for that
instead of guessing a delay. Works when both ends are IPv4 sockets of one network namespace; elsewhere the
answer is unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

# linux/sock_diag.h, linux/inet_diag.h, linux/netlink.h, linux/tcp.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_INET_DIAG_INFO = 2
_ALL_STATES = 0xFFF
_NO_COOKIE = 0xFFFFFFFF
_NLMSGHDR = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
_PORTS = struct.Struct("!HH")
_SOCKID_TAIL = struct.Struct("=III")
_RTATTR = struct.Struct("=HH")
_RQUEUE = struct.Struct("=I")
_RQUEUE_OFFSET = _NLMSGHDR.size + 4 + 48 + 4
_ATTRIBUTES_OFFSET = _NLMSGHDR.size + 72
_TCP_INFO_BYTES = 256
_BYTES_RECEIVED = (struct.Struct("=Q"), 128)
_BYTES_SENT_AND_RETRANSMITTED = (struct.Struct("=QQ"), 200)

# A receiver that reads at all does so within microseconds; one that is paused must not hold the sender for
# ever.
READ_TIMEOUT_S = 1.0
# A receiver that has the processor reads within the busy polls; for one that has not, polling in ever longer steps
# leaves it the processor: with hundreds of answers under way, polls alone would take all of it.
_BUSY_POLLS = 20
_POLL_S = 0.0002
_POLL_GROWTH = 1.5
_POLL_MAX_S = 0.02


async def has_read(own: socket.socket, *, at_once: bool = True) -> bool | None:
    """Wait until the peer of a connection has read all that was sent on it.

    Args:
        own: This side of the connection; the kernel has taken all that is to be sent.
        at_once: Whether what follows is to be sent at once, so that it is worth asking without a pause.

    Returns:
        True: it has. False: not within `READ_TIMEOUT_S`. None: this can't be known here.
    """
    if own.family != socket.AF_INET:
        return None
    try:
        with contextlib.closing(
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
        ) as diag:
            return await _wait(diag, own, busy_polls=_BUSY_POLLS if at_once else 0)
    except OSError:
        # No sock_diag here, or the connection has gone.
        return None


async def _wait(diag: socket.socket, own: socket.socket, *, busy_polls: int) -> bool | None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READ_TIMEOUT_S
    polls, pause_s = 0, _POLL_S
    while unread := _unread_bytes(diag, own):
        if loop.time() > deadline:
            return False
        polls += 1
        if polls < busy_polls:
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * _POLL_GROWTH, _POLL_MAX_S)
    return None if unread is None else True


def _unread_bytes(diag: socket.socket, own: socket.socket) -> int | None:
    info = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    layout, offset = _BYTES_SENT_AND_RETRANSMITTED
    if len(info) < offset + layout.size:
        return None
    sent, retransmitted = layout.unpack_from(info, offset)
    reply = _ask(diag, asked=own.getpeername(), its_peer=own.getsockname())
    if _NLMSGHDR.unpack_from(reply)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    (queued,) = _RQUEUE.unpack_from(reply, _RQUEUE_OFFSET)
    received = _bytes_received(reply)
    if received is None:
        return None
    return int(sent - retransmitted - received + queued)


def _ask(diag: socket.socket, *, asked: tuple[str, int], its_peer: tuple[str, int]) -> bytes:
    sockid = (
        _PORTS.pack(asked[1], its_peer[1])
        + socket.inet_aton(asked[0]).ljust(16, b"\0")
        + socket.inet_aton(its_peer[0]).ljust(16, b"\0")
        + _SOCKID_TAIL.pack(0, _NO_COOKIE, _NO_COOKIE)
    )
    extension = 1 << (_INET_DIAG_INFO - 1)
    request = _REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, extension, 0, _ALL_STATES) + sockid
    length = _NLMSGHDR.size + len(request)
    diag.send(_NLMSGHDR.pack(length, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0) + request)
    return diag.recv(8192)


def _bytes_received(reply: bytes) -> int | None:
    position = _ATTRIBUTES_OFFSET
    while position + _RTATTR.size <= len(reply):
        length, kind = _RTATTR.unpack_from(reply, position)
        if kind == _INET_DIAG_INFO:
            layout, offset = _BYTES_RECEIVED
            return int(layout.unpack_from(reply, position + _RTATTR.size + offset)[0])
        position += max(_RTATTR.size, (length + 3) & ~3)
    return None
