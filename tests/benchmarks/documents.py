"""Prompts and answers of a given size: words as prose has them, with identifiers or placeholders in between."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from fixtures.lab.prompts import conversation, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 6
_PROSE = """
the a of to and in that is was it for on with as be at by this had not are but from or have an they which
one you were all her she there would their we him been has when who will no more if out so said what up its about
into than them can only other time new some could these two may first then do any like my now over such our man me
even most made after also did many off before must well back through years where much your way down should because
long each instance subnet route table AWS API region deploy failed retry timeout A I At server-side re-use e-mail
2024-05-17 v1.2.3 12:34:56 http://example.com/path?x=1 {"key": 42} foo_bar() std::vector<int> 93.184.216.34
"""
_WORDS = _PROSE.split()
_TURN_CHARACTERS = 2000
PLACEHOLDER = b" AWS_EC2_001 "
"""As it stands in the middle of `message`."""


def prose(size: int, chance: random.Random) -> str:
    """So many characters of words."""
    words: list[str] = []
    length = 0
    while length < size:
        words.append(chance.choice(_WORDS))
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


def prompt(size_bytes: int, *, identifiers_per_turn: int = 1) -> bytes:
    """A conversation of about that size in turns of 2000 characters, with fresh identifiers in each."""
    chance = random.Random(SEED)
    pool = [prose(_TURN_CHARACTERS, chance) for _ in range(200)]
    turns = []
    for number in range(max(1, size_bytes // (_TURN_CHARACTERS + 40)) | 1):
        ids = (
            f"i-{number * 1000 + n:017x} at 10.{n % 250}.{number % 250}.7"
            for n in range(identifiers_per_turn)
        )
        turns.append(f"{chance.choice(pool)} {', '.join(ids)}")
    return to_bytes(conversation(*turns))


def tool_output(size_bytes: int) -> bytes:
    """A tool's result of about that size: instances as the AWS CLI lists them, an identifier in 200 bytes."""
    chance = random.Random(SEED)
    described: list[str] = []
    size = 0
    while size < size_bytes:
        described.append(json.dumps(_instance(chance), indent=4))
        # Quotes and ends of lines are escaped once more where they stand.
        size += len(json.dumps(described[-1]))
    listed = '{"Reservations": [{"Instances": [' + ", ".join(described) + "]}]}"
    result = {"type": "tool_result", "tool_use_id": "toolu_01", "content": listed}
    return to_bytes({**conversation(""), "messages": [{"role": "user", "content": [result]}]})


def _instance(chance: random.Random) -> dict[str, Any]:
    """The members that `aws ec2 describe-instances` tells of each instance, in its order; no lists of networks."""

    def resource(prefix: str) -> str:
        return f"{prefix}-{chance.getrandbits(68):017x}"

    address = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
    account = chance.randrange(10**11, 10**12)
    return {
        "AmiLaunchIndex": 0,
        "ImageId": resource("ami"),
        "InstanceId": resource("i"),
        "InstanceType": "m5.large",
        "KeyName": "deploy",
        "LaunchTime": "2024-05-17T12:34:56+00:00",
        "Monitoring": {"State": "disabled"},
        "Placement": {"AvailabilityZone": "us-east-1a", "GroupName": "", "Tenancy": "default"},
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal",
        "PrivateIpAddress": address,
        "PublicDnsName": "",
        "State": {"Code": 16, "Name": "running"},
        "StateTransitionReason": "",
        "SubnetId": resource("subnet"),
        "VpcId": resource("vpc"),
        "Architecture": "x86_64",
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {
                    "AttachTime": "2024-05-17T12:34:57+00:00",
                    "DeleteOnTermination": True,
                    "Status": "attached",
                    "VolumeId": resource("vol"),
                },
            }
        ],
        "ClientToken": "",
        "EbsOptimized": True,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "IamInstanceProfile": {
            "Arn": f"arn:aws:iam::{account}:instance-profile/web-{chance.randrange(1000)}",
            "Id": "AIPA" + "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=17)),
        },
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "SecurityGroups": [{"GroupName": "default", "GroupId": resource("sg")}],
        "SourceDestCheck": True,
        "Tags": [{"Key": "Name", "Value": "web-frontend"}],
        "VirtualizationType": "hvm",
    }


def delta(text: str) -> bytes:
    """One event of a stream."""
    data = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    return f"event: content_block_delta\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def events(size_bytes: int, *, placeholder_every: int = 50, characters: int = 20) -> bytes:
    """About so many bytes of deltas; one in `placeholder_every` names a placeholder, every other one cut in two."""
    chance = random.Random(SEED)
    pieces: list[bytes] = []
    size = 0
    for number in _numbers():
        if number % placeholder_every:
            texts = [prose(characters, chance)]
        elif number // placeholder_every % 2:
            texts = [" on AWS_EC", "2_001 and"]
        else:
            texts = [" on AWS_EC2_001 and"]
        for text in texts:
            pieces.append(delta(text))
            size += len(pieces[-1])
        if size >= size_bytes:
            return b"".join(pieces)
    raise AssertionError


def message(size_bytes: int, *, placeholder_every: int = 2000) -> tuple[bytes, bytes, bytes]:
    """A JSON answer as head, a middle that may be repeated, and tail; one placeholder per so many characters."""
    chance = random.Random(SEED)
    block: dict[str, Any] = {
        "type": "text",
        "text": PLACEHOLDER.decode().join(prose(placeholder_every, chance) for _ in range(10)),
    }
    encoded = json.dumps(block).encode() + b","
    last = json.dumps({"type": "text", "text": "end"}).encode()
    return b'{"type":"message","content":[', encoded * max(1, size_bytes // len(encoded)), last + b"]}"


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1
