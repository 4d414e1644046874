"""What is told to the kernel about packets is what `tc` tells it: not every kernel has netem to try it on."""

from __future__ import annotations

from fixtures.stack.containers.inside.netem import LOOPBACK, healing, impairment

# Seen with `strace -xx` of tc (iproute2 6.1.0), past the first 16 bytes, which number the message.
DISCIPLINE_OF_LOOPBACK = "00000000 01000000 00000000 ffffffff 00000000"
KIND_NETEM = "0a000100 6e6574656d000000"


def test_loss_and_delay_are_told_as_tc_does() -> None:
    # tc qdisc add dev lo root netem delay 100ms 50ms loss 20%
    options = "1c000200 84d71700 e8030000 33333333 00000000 00000000 c2eb0b00"
    told = impairment(LOOPBACK, share=0.2, delay_s=0.1, jitter_s=0.05)
    assert told[16:] == bytes.fromhex(DISCIPLINE_OF_LOOPBACK + KIND_NETEM + options)
    assert told[:8] == bytes.fromhex("4c000000 2400 0506")


def test_loss_alone_is_told_as_tc_does() -> None:
    # tc qdisc add dev lo root netem loss 30%
    options = "1c000200 00000000 e8030000 cccccc4c 00000000 00000000 00000000"
    told = impairment(LOOPBACK, share=0.3, delay_s=0, jitter_s=0)
    assert told[16:] == bytes.fromhex(DISCIPLINE_OF_LOOPBACK + KIND_NETEM + options)


def test_the_end_is_told_as_tc_does() -> None:
    # tc qdisc del dev lo root
    told = healing(LOOPBACK)
    assert told[16:] == bytes.fromhex(DISCIPLINE_OF_LOOPBACK)
    assert told[:8] == bytes.fromhex("24000000 2500 0500")
