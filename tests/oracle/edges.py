"""Texts at the edges of what rules allow, and those on which the plugin and the oracle once disagreed."""

from __future__ import annotations

# The longest that the rules allow before and behind their literals, and one byte more; overlaps.
EDGES = [
    *("a" * size + ".s3.eu-west-1.amazonaws.com/key" for size in (255, 256, 400)),
    *(f"https://s3.amazonaws.com:65535/{'b' * size}" for size in (254, 255, 256, 300)),
    *(f"arn:aws-{'i' * size}:s3:::{'b' * 255}/k" for size in (14, 15, 16, 17)),
    f"{'x' * 63}.cluster-custom-c1a2b3c4d5e6.{'ap-' + 'south' * 4}-12.rds.amazonaws.com.cn",
    f"{'x' * 64}.cluster-custom-c1a2b3c4d5e6.ap-south-12.rds.amazonaws.com.cn",
    f"sqs.{'r' * 32}.amazonaws.com.cn\\/123456789012",
    "s3.amazonaws.com/one s3.amazonaws.com/two.s3.amazonaws.com/three",
    "a.s3.amazonaws.com.s3.amazonaws.com",
    "tgw-attach-0a1b2c3d-tgw-0a1b2c3d eni-attach-0a1b2c3d eni-eni-0a1b2c3d",
    "AKIAAKIAASIAIOSFODNN7ABCDEFG",
    "\0i-0a1b2c3d\0i-0a1b2c3d",
    "arn:aws:s3:::" + "1" * 3000 + "x",
    "FwoGZXIvYXdz" + "a" * 16390,
    "/aws/lambda/" + "a/" * 300,
    "fd00:1:2:3:4:5:6:7:8 fd00:1:2:3:4:5:6:7 fd00::1::2 fc00:::",
    "accounts 123456789012, 210987654321 and 1234-5678-9012 or 1",
    "123456789012 account 123456789012 account",
    # The context may end in a backslash with which the identifier may begin.
    "ASIAEI2F7UKW8Z9VXVDJ\x99\\/u002fZu0072V/02f/02fo/u005006005002bfXXXXX",
    r"\"SecretAccessKey\": \"\/bcdefghijklmnopqrstuvwxyz0123456789/ABCD\"",
]
