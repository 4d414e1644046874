"""What the driver does around a component: addresses, the network, limits; each is seen to begin and to end."""

from __future__ import annotations

import json
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import FaultError, StackError
from fixtures.stack.base import Component
from fixtures.stack.containers.frames import FrameStream
from fixtures.stack.dead_man import follow
from fixtures.stack.probes import http_status, redis_reply
from fixtures.wait import eventually
from tests.docker.support import redis_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from fixtures.stack.docker import DockerStack

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# Looks from the upstream's container: the address of a name, and whether Redis answers at an address.
LOOK = """
import json, socket, sys
def answers(host):
    try:
        with socket.create_connection((host, 6379), timeout=0.5) as c:
            c.sendall(b"PING\\r\\n")
            return c.recv(5).decode()
    except OSError as error:
        return type(error).__name__
def address(name):
    try:
        return socket.gethostbyname(name)
    except OSError as error:
        return type(error).__name__
print(json.dumps({"address": address("redis"), "answers": [answers(host) for host in sys.argv[1:]]}))
"""

# Asks Redis, and a server of its own on loopback, until an answer is as late as TCP sends again what was lost.
LATE = """
import json, socket, threading, time
def serve(listener):
    with listener.accept()[0] as peer:
        while peer.recv(64):
            peer.sendall(b"+PONG\\r\\n")
def late(host, port):
    with socket.create_connection((host, port), timeout=20) as c:
        for _ in range(100):
            asked_s = time.monotonic()
            c.sendall(b"PING\\r\\n")
            c.recv(64)
            if time.monotonic() - asked_s >= 0.19:
                return True
    return False
own = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(own,), daemon=True).start()
print(json.dumps({"redis": late("redis", 6379), "loopback": late(*own.getsockname())}))
"""

# Two connections to Redis: tells the first one's port, waits for a word, and tells which of them is answered still.
ONE_OF_TWO = """
import json, socket, sys
def served(connection):
    try:
        connection.sendall(b"PING\\r\\n")
        return connection.recv(64).startswith(b"+PONG")
    except TimeoutError:
        return False
both = [socket.create_connection(("redis", 6379), timeout=1) for _ in range(2)]
assert all(map(served, both))
host, port = both[0].getsockname()
print(f"{host}:{port}", flush=True)
sys.stdin.readline()
print(json.dumps([served(each) for each in both]), flush=True)
sys.stdin.readline()
both[0].settimeout(10)  # what was lost is sent again ever more rarely
print(json.dumps([served(each) for each in both]), flush=True)
"""


def run(engine: DockerClient, stack: DockerStack, script: str, *arguments: str) -> str:
    """What a script prints that runs in the upstream's container."""
    done = engine.containers.get(f"{stack.name}-upstream").exec_run(["python", "-c", script, *arguments])
    assert isinstance(done.output, bytes)
    return done.output.decode()


def look(engine: DockerClient, stack: DockerStack, *hosts: str) -> dict[str, object]:
    """What the upstream's container sees of Redis."""
    seen: dict[str, object] = json.loads(run(engine, stack, LOOK, *hosts))
    return seen


def late(engine: DockerClient, stack: DockerStack) -> dict[str, bool]:
    """Whether the upstream's container had to wait for a lost packet."""
    told: dict[str, bool] = json.loads(run(engine, stack, LATE))
    return told


def test_redis_moves_to_another_address_under_its_name(engine: DockerClient, whole: DockerStack) -> None:
    old, new = whole.move_redis()
    assert old != new
    seen = look(engine, whole, new, old)
    assert seen["address"] == new
    assert isinstance(seen["answers"], list)
    assert seen["answers"][0] == "+PONG"
    assert seen["answers"][1] != "+PONG"
    assert redis_reply(whole.addresses.redis_host, whole.addresses.redis_port) == "+PONG"


def test_a_disconnected_component_is_found_neither_by_name_nor_from_outside(
    engine: DockerClient, whole: DockerStack
) -> None:
    whole.disconnect(Component.REDIS)
    try:
        assert look(engine, whole)["address"] == "gaierror"
        with pytest.raises(FaultError):
            whole.disconnect(Component.REDIS)
    finally:
        whole.reconnect(Component.REDIS)
    assert look(engine, whole, "redis")["answers"] == ["+PONG"]
    assert redis_reply(whole.addresses.redis_host, whole.addresses.redis_port) == "+PONG"


def test_in_a_black_hole_connections_are_neither_accepted_nor_refused(
    engine: DockerClient, whole: DockerStack
) -> None:
    whole.open_black_hole(Component.REDIS)
    try:
        assert look(engine, whole, "redis")["answers"] == ["TimeoutError"]
        with pytest.raises(FaultError):
            whole.open_black_hole(Component.REDIS)
    finally:
        whole.close_black_hole(Component.REDIS)
    assert look(engine, whole, "redis")["answers"] == ["+PONG"]


def test_a_black_hole_ends_with_the_component(whole: DockerStack) -> None:
    whole.open_black_hole(Component.REDIS)
    whole.kill(Component.REDIS)
    whole.start_component(Component.REDIS)
    assert redis_reply(whole.addresses.redis_host, whole.addresses.redis_port) == "+PONG"


def test_lost_packets_are_sent_again_and_none_of_loopback_is_lost(
    engine: DockerClient, whole: DockerStack
) -> None:
    if lack := whole.network_lacks(loss=1.0):
        pytest.skip(lack)
    assert late(engine, whole) == {"redis": False, "loopback": False}
    whole.impair_network(Component.UPSTREAM, loss=0.3)
    try:
        # Of 100 answers one is lost, but for a chance of 3e-16.
        assert late(engine, whole) == {"redis": True, "loopback": False}
        with pytest.raises(FaultError):
            whole.impair_network(Component.UPSTREAM, loss=0.1)
    finally:
        whole.mend_network(Component.UPSTREAM)
    assert late(engine, whole) == {"redis": False, "loopback": False}
    with pytest.raises(FaultError):
        whole.mend_network(Component.UPSTREAM)


def test_what_the_kernel_lacks_is_told_and_refused(whole: DockerStack) -> None:
    lack = whole.network_lacks(delay_s=0.1)
    if not lack:
        pytest.skip("the engine's kernel has netem")
    assert lack.startswith("the engine's kernel has no netem; ")
    with pytest.raises(FaultError, match="no netem"):
        whole.impair_network(Component.REDIS, delay_s=0.1)


def test_an_impaired_network_ends_with_the_component(engine: DockerClient, whole: DockerStack) -> None:
    if lack := whole.network_lacks(loss=1.0):
        pytest.skip(lack)
    whole.impair_network(Component.UPSTREAM, loss=0.9)
    whole.kill(Component.UPSTREAM)
    whole.start_component(Component.UPSTREAM)
    assert late(engine, whole) == {"redis": False, "loopback": False}


def _lines(talk: FrameStream) -> Iterator[str]:
    """Lines as they come; a frame may hold a part of one only, such as its end."""
    begun = b""
    while (frame := talk.read()) is not None:
        *whole, begun = (begun + frame[1]).split(b"\n")
        yield from (line.decode() for line in whole)


def test_packets_of_one_client_vanish_and_those_of_another_pass(
    engine: DockerClient, whole: DockerStack
) -> None:
    if lack := whole.cannot_drop_packets():
        pytest.skip(lack)
    command = ["python", "-u", "-c", ONE_OF_TWO]
    created = engine.api.exec_create(f"{whole.name}-upstream", command, stdin=True)
    talk = FrameStream(engine.api.exec_start(created["Id"], socket=True), timeout_s=20.0)

    lines = _lines(talk)

    try:
        client = next(lines)
        whole.drop_packets(client)
        try:
            talk.send(b"\n")
            assert json.loads(next(lines)) == [False, True]
            with pytest.raises(FaultError):
                whole.drop_packets(client)
        finally:
            whole.pass_packets(client)
        talk.send(b"\n")
        assert json.loads(next(lines)) == [True, True]
    finally:
        talk.close()


def test_the_gateways_memory_is_limited_by_its_headroom(whole: DockerStack) -> None:
    headroom_bytes = 64 << 20
    before = whole.engine_figures(Component.GATEWAY)
    assert set(whole.memory_limited().values()) == {False}
    whole.limit_memory(headroom_bytes=headroom_bytes)
    try:
        assert set(whole.memory_limited().values()) == {True}
        after = whole.engine_figures(Component.GATEWAY)
        room_bytes = after.memory_limit_bytes - before.memory_bytes
        # What it uses may have changed a little between the two looks.
        assert room_bytes == pytest.approx(whole.options.workers * headroom_bytes, rel=0.2)
    finally:
        whole.unlimit_memory()
    assert set(whole.memory_limited().values()) == {False}


@pytest.mark.skipif(shutil.which("docker") is None, reason="the dead man needs the command docker")
def test_the_dead_man_ends_a_limit_of_memory(whole: DockerStack) -> None:
    orders = whole.memory_orders()
    whole.limit_memory(headroom_bytes=64 << 20)
    try:
        assert all(follow(dict(order), patience_s=0.0) for order in orders)
        assert set(whole.memory_limited().values()) == {False}
    finally:
        whole.unlimit_memory()


@pytest.mark.engine(silence_fails=True)
def test_a_component_that_is_looked_at_while_it_is_paused_stays_known_to_the_engine(
    engine: DockerClient,
) -> None:
    stopping = threading.Event()
    with redis_stack() as stack:

        def look() -> None:
            while not stopping.is_set():
                # While it is paused, that is refused.
                with suppress(StackError):
                    stack.figures(Component.REDIS)

        with ThreadPoolExecutor(2) as pool:
            looking = [pool.submit(look) for _ in range(2)]
            try:
                for _ in range(20):
                    stack.pause(Component.REDIS)
                    stack.resume(Component.REDIS)
                    assert engine.api.inspect_container(f"{stack.name}-redis")["State"]["Running"]
            finally:
                stopping.set()
            for looked in looking:
                looked.result()
        # The engine may know a little later than the container itself that it goes on.
        eventually(
            lambda: stack.figures(Component.REDIS),
            timeout_s=5,
            what="the processes to be seen",
            transient=(StackError,),
        )


def test_limits_are_seen_by_the_engine(engine: DockerClient, whole: DockerStack) -> None:
    before = whole.engine_figures(Component.UPSTREAM)
    limit = 256 << 20
    whole.limit(Component.UPSTREAM, cpus=0.5, memory_bytes=limit)
    try:
        host = engine.api.inspect_container(f"{whole.name}-upstream")["HostConfig"]
        assert host["CpuQuota"] == host["CpuPeriod"] / 2
        assert whole.engine_figures(Component.UPSTREAM).memory_limit_bytes == limit
    finally:
        whole.unlimit(Component.UPSTREAM)
    after = whole.engine_figures(Component.UPSTREAM)
    assert after.memory_limit_bytes > before.memory_bytes
    assert engine.api.inspect_container(f"{whole.name}-upstream")["HostConfig"]["CpuQuota"] <= 0


def test_a_limit_of_cpu_time_is_felt(engine: DockerClient, whole: DockerStack) -> None:
    burn = "import time; end = time.monotonic() + 1\nwhile time.monotonic() < end: pass\nprint(time.process_time())"
    whole.limit(Component.UPSTREAM, cpus=0.2)
    try:
        # A fifth of a second of CPU time per second, and a period's quota at the beginning and at the end.
        assert float(run(engine, whole, burn)) < 0.5
    finally:
        whole.unlimit(Component.UPSTREAM)


def test_the_engine_counts_cpu_time_and_memory(whole: DockerStack) -> None:
    before = whole.engine_figures(Component.GATEWAY)
    assert before.memory_bytes > 1 << 20
    deadline_s = time.monotonic() + 10
    while whole.engine_figures(Component.GATEWAY).cpu_s == before.cpu_s and time.monotonic() < deadline_s:
        http_status(f"{whole.addresses.gateway_url}/plain")
    eventually(
        lambda: whole.engine_figures(Component.GATEWAY).cpu_s > before.cpu_s,
        timeout_s=5,
        what="the engine to count CPU time",
    )
