"""What each kind of identifier looks like, and what only looks similar."""

from __future__ import annotations

from dataclasses import dataclass

HEX_17 = "0123456789abcdef0"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEJr" + "a1B2c3D4/e+F" * 20


@dataclass(frozen=True)
class Example:
    """A text with one identifier in it.

    Attributes:
        kind: What is found.
        switch: The configuration that turns the family on.
        identifier: The part of the text that is replaced.
        text: The text; `{}` stands for the identifier.
    """

    kind: str
    switch: str
    identifier: str
    text: str = "{}"

    @property
    def whole(self) -> str:
        """The text with the identifier in it."""
        return self.text.replace("{}", self.identifier)


def _resources(switch: str, kinds: dict[str, str]) -> list[Example]:
    return [
        Example(kind, switch, f"{prefix}-{digits}")
        for prefix, kind in kinds.items()
        for digits in (HEX_17, "0a1b2c3d")
    ]


EXAMPLES = [
    *_resources("mask_ec2_instances", {"i": "ec2", "lt": "launch_template", "r": "reservation"}),
    *_resources(
        "mask_vpc_resources",
        {
            "vpc": "vpc",
            "subnet": "subnet",
            "sg": "security_group",
            "eni": "eni",
            "eni-attach": "eni_attachment",
            "rtb": "route_table",
            "tgw-rtb": "transit_gateway_route_table",
            "vpce-svc": "vpc_endpoint_service",
            "eipalloc": "elastic_ip",
            "nat": "nat_gateway",
        },
    ),
    *_resources(
        "mask_storage_resources", {"vol": "volume", "snap": "snapshot", "ami": "ami", "fs": "file_system"}
    ),
    Example("s3", "mask_s3_buckets", "team-data.prod", "s3://{}/path/key.csv"),
    Example("s3", "mask_s3_buckets", "team-data", "in s3://{}."),
    Example("s3", "mask_s3_buckets", "team-data.prod", "https://{}.s3.eu-west-1.amazonaws.com/key"),
    Example("s3", "mask_s3_buckets", "team-data", "https://{}.s3.amazonaws.com/"),
    Example("s3", "mask_s3_buckets", "team-data", "http://{}.s3-website-us-east-1.amazonaws.com"),
    Example("s3", "mask_s3_buckets", "team-data", "https://{}.s3.dualstack.us-east-1.amazonaws.com"),
    Example("s3", "mask_s3_buckets", "team-data", "https://s3.amazonaws.com/{}/key"),
    Example("s3", "mask_s3_buckets", "team-data", "https://s3.cn-north-1.amazonaws.com.cn/{}?list-type=2"),
    Example("rds", "mask_rds_instances", "orders.c1a2b3c4d5e6.us-east-1.rds.amazonaws.com", "{}:5432"),
    Example("rds", "mask_rds_instances", "o.cluster-c1a2b3c4d5e6.us-gov-west-1.rds.amazonaws.com"),
    Example("rds", "mask_rds_instances", "o.cluster-ro-c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com"),
    Example("rds", "mask_rds_instances", "p.proxy-c1a2b3c4d5e6.ap-southeast-2.rds.amazonaws.com"),
    Example("private_ip", "mask_private_ips", "10.0.0.1"),
    Example("private_ip", "mask_private_ips", "172.31.255.254", "({})"),
    Example("private_ip", "mask_private_ips", "192.168.1.10", "at {}."),
    Example("private_ip", "mask_private_ips", "100.64.0.7", "{}/10"),
    Example("private_ip", "mask_private_ips", "169.254.169.254", "http://{}:80/latest"),
    Example("private_ip", "mask_private_ips", "ip-10-1-2-3", "{}.ec2.internal"),
    Example("arn", "mask_arns", "arn:aws:iam::123456789012:user/path/bob@example.com", '"{}"'),
    Example("arn", "mask_arns", "arn:aws-cn:s3:::team-data/*", "see {}, then"),
    Example("arn", "mask_arns", f"arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-{HEX_17}", "{}."),
    Example("arn", "mask_arns", "arn:aws:lambda:us-east-1:123456789012:function:run:$LATEST"),
    Example("arn", "mask_arns", "arn%3Aaws%3As3%3A%3A%3Ateam-data", "https://example.com/?arn={}&x=1"),
    Example("account", "mask_account_ids", "123456789012", "account {} is ours"),
    Example("account", "mask_account_ids", "123456789012", "AccountId={}"),
    Example("account", "mask_account_ids", "1234-5678-9012", "AWS account ID: {}"),
    Example("account", "mask_account_ids", "123456789012", "the {} account"),
    Example("account", "mask_account_ids", "123456789012", '\\"OwnerId\\": \\"{}\\"'),
    Example("account", "mask_account_ids", "123456789012", "{}.dkr.ecr.us-east-1.amazonaws.com/app"),
    Example("account", "mask_account_ids", "123456789012", "https://sqs.us-east-1.amazonaws.com/{}/jobs"),
    Example("access_key", "mask_access_keys", "AKIAIOSFODNN7EXAMPLE"),
    Example("access_key", "mask_access_keys", "ASIAQ3EGRTU5X2Y7ZABC", "id={}&"),
    Example("access_key", "mask_access_keys", "AKIA111111111EXAMPLE"),
    Example("iam_id", "mask_access_keys", "AIDAJQABLZS4A3QDU576Q"),
    Example("secret_key", "mask_access_keys", SECRET, "aws_secret_access_key = {}\n"),
    Example("secret_key", "mask_access_keys", SECRET, '\\"SecretAccessKey\\": \\"{}\\"'),
    Example("secret_key", "mask_access_keys", SECRET, "export AWS_SECRET_ACCESS_KEY='{}'"),
    Example("secret_key", "mask_access_keys", SECRET, "name: AWS_SECRET_ACCESS_KEY\n  value: {}"),
    Example("session_token", "mask_access_keys", TOKEN),
    Example("session_token", "mask_access_keys", "b" * 64 + "==", "aws_session_token={}"),
    Example("kms", "mask_kms_keys", "mrk-1234abcd12ab34cd56ef1234567890ab"),
    Example("kms", "mask_kms_keys", "1234abcd-12ab-34cd-56ef-1234567890ab", "KmsKeyId: {}"),
]

NEAR_MISSES = [
    f"i-{HEX_17}0",
    f"xi-{HEX_17}",
    f"i-{HEX_17}g",
    "i-0123456789",
    "i-0123456",
    "I-0A1B2C3D",
    "i-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "vpcx-0a1b2c3d",
    "s3://ab",
    "s3:/bucket",
    "a bucket named team-data",
    "https://s3.amazonaws.com/",
    "https://example.com/team-data",
    "orders.c1a2b3c4d5e6.us-east-1.rds.example.com",
    "feedback mongodb orders-db",
    "1.10.0.0.1",
    "10.0.0.1.5",
    "10.0.0.256",
    "v10.0.0.1",
    "11.0.0.1",
    "172.32.0.1",
    "172.15.0.1",
    "192.169.0.1",
    "100.128.0.1",
    "8.8.8.8",
    "10.0.0",
    "12:34:56 std::vector ab::cd",
    "order 123456789012",
    "1700000000000 account",
    "account 1234567890123",
    "arn:foo:s3:::bucket",
    "barn:aws:s3:::team-data",
    "barn:aws:iam::123456789012:root",
    "TODAYINASIAASACKOFRICEWASTHERE",
    "AKIAIOSFODNN7EXAMPL",
    "AKIA0000000000000000",
    SECRET,
    "secret key is short",
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "session token: abc",
    "AWS_EC2_01",
    "AWS_FOO_001",
]
