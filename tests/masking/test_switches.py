"""Every family has a switch, and every switch does what it says."""

from typing import Any

import pytest

from fixtures.canaries import Canary
from fixtures.gateway_config import MASKING_SWITCHES, MaskerConfig
from fixtures.lab.lab import Lab
from fixtures.lab.prompts import conversation

# Which of the canaries' kinds each switch turns on and off; the kinds that no canary has are judged in
# test_catalogue.py.
FAMILIES = {
    "mask_ec2_instances": {"ec2"},
    "mask_s3_buckets": {"s3"},
    "mask_rds_instances": {"rds"},
    "mask_private_ips": {"private_ip"},
    "mask_arns": {"arn"},
    "mask_account_ids": {"account"},
    "mask_access_keys": {"access_key", "secret_key", "session_token"},
    "mask_vpc_resources": {"vpc", "subnet", "security_group", "eni"},
    "mask_storage_resources": {"volume", "ami", "snapshot"},
    "mask_kms_keys": {"kms"},
}
# A bucket in an ARN belongs to two families: while either is on, it is masked.
IN_TWO_FAMILIES = {"s3_arn"}


def _own_part(canary: Canary) -> str:
    """What the canary's own family hides: an ARN's account is masked by the accounts' family as well."""
    return canary.parts[-1] if canary.kind == "arn" else canary.identifier


@pytest.mark.thorough  # every switch of the catalogue is turned in test_catalogue.py
@pytest.mark.clause("M9")
def test_each_switch_turns_exactly_its_family_off(lab: Lab) -> None:
    assert {kind for kinds in FAMILIES.values() for kind in kinds} == set(lab.canaries.kinds)
    switches = list(FAMILIES)
    fields: list[dict[str, Any]] = [{switch: False} for switch in switches]
    routes = lab.add_routes(*(MaskerConfig(**only) for only in fields))
    for switch, route in zip(switches, routes, strict=True):
        off = [canary for canary in lab.canaries.one_of_each() if canary.kind in FAMILIES[switch]]
        on = [canary for canary in lab.canaries.one_of_each() if canary.kind not in FAMILIES[switch]]
        off = [canary for canary in off if canary.form not in IN_TWO_FAMILIES]
        for canary in off:
            lab.canaries.allow(canary, f"{switch} is off on the route it was sent to")
        for canary in (*on, *off):
            exchange = lab.post(route, conversation(f"here: {canary.text} !"))
            in_clear = _own_part(canary).encode() in exchange.upstream.body
            assert in_clear == (canary in off), f"{switch} off: {canary.label} ({canary.form})"
    lab.evidence.figure("switches", len(switches))


@pytest.mark.clause("M9")
def test_with_every_switch_off_only_lookalikes_are_masked(lab: Lab) -> None:
    route = lab.route(**dict.fromkeys(MASKING_SWITCHES, False))
    canaries = lab.canaries.one_of_each()
    for canary in canaries:
        lab.canaries.allow(canary, "every switch is off on the route it was sent to")
    text = "; ".join(canary.text for canary in canaries)
    exchange = lab.post(route, conversation(f"{text} AWS_EC2_001"))
    assert exchange.upstream.body == exchange.sent.replace(b"AWS_EC2_001", b"AWS_LITERAL_001")
