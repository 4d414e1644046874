"""Canaries never repeat, follow the seed, and avoid what the machine itself writes."""

import ipaddress
import re

import pytest

from fixtures.canaries import Canaries
from fixtures.canary_forms import machine_networks
from fixtures.errors import SuiteError


def test_no_part_is_issued_twice_in_any_worker() -> None:
    workers = [Canaries(3, worker=number, workers=3) for number in range(3)]
    seen: set[str] = set()
    for canaries in workers:
        for _ in range(40):
            for canary in canaries.one_of_each():
                for part in canary.parts:
                    assert part.lower() not in seen
                    seen.add(part.lower())


def test_the_same_seed_gives_the_same_canaries_and_another_seed_others() -> None:
    first, again, other = (Canaries(seed).one_of_each() for seed in (1, 1, 2))
    assert first == again
    assert not {canary.identifier for canary in first} & {canary.identifier for canary in other}


def test_identifiers_have_the_documented_formats() -> None:
    by_form = {canary.form: canary for canary in Canaries(1).one_of_each()}
    assert re.fullmatch(r"i-[0-9a-f]{17}", by_form["ec2_17"].identifier)
    assert re.fullmatch(r"i-[0-9a-f]{8}", by_form["ec2_8"].identifier)
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", by_form["access_key_akia"].identifier)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", by_form["secret_key"].identifier)
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", by_form["kms_multi_region"].identifier)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", by_form["kms_key"].identifier)
    assert re.fullmatch(r"arn:aws:iam::[0-9]{12}:role/app/[a-z0-9-]+", by_form["arn_role"].identifier)
    assert re.fullmatch(
        r"[a-z0-9-]+\.[a-z0-9]{12}\.eu-central-1\.rds\.amazonaws\.com", by_form["rds_endpoint"].identifier
    )


def test_the_text_holds_the_identifier_and_its_parts_are_of_it() -> None:
    for canary in Canaries(5).one_of_each():
        assert canary.identifier in canary.text
        assert canary.parts[0] in canary.identifier


def test_short_ids_never_begin_long_ones() -> None:
    canaries = Canaries(11)
    long_ids = {canaries.issue("ec2", form="ec2_17").identifier[:10] for _ in range(500)}
    short_ids = {canaries.issue("ec2", form="ec2_8").identifier for _ in range(500)}
    assert not long_ids & short_ids


def test_private_addresses_are_private_and_not_the_machines_own() -> None:
    canaries = Canaries(4)
    shared = ipaddress.ip_network(
        "100.64.0.0/10"
    )  # private in use, though not in the ipaddress module's words
    own = machine_networks()
    for _ in range(600):
        address = ipaddress.IPv4Address(canaries.issue("private_ip").identifier)
        assert address.is_private or address in shared
        assert not address.is_loopback
        assert not any(address in network for network in own)


def test_addresses_of_awss_own_services_are_never_issued() -> None:
    (maker,) = Canaries(4).forms["private_ip_169"].makers
    addresses = {maker(serial)[0] for serial in range(60_000)}
    assert len(addresses) == 60_000
    assert not [address for address in addresses if address.startswith(("169.254.169.", "169.254.170."))]


def test_a_form_that_is_used_up_says_so() -> None:
    canaries = Canaries(1, worker=0, workers=30_000)
    canaries.issue("private_ip", form="private_ip_192")
    canaries.issue("private_ip", form="private_ip_192")
    canaries.issue("private_ip", form="private_ip_192")
    with pytest.raises(SuiteError, match="room for"):
        canaries.issue("private_ip", form="private_ip_192")


def test_unknown_kinds_and_forms_are_refused_with_the_known_ones() -> None:
    canaries = Canaries(1)
    with pytest.raises(ValueError, match="kind='lambda': must be one of ec2, vpc"):
        canaries.issue("lambda")
    with pytest.raises(ValueError, match="form='vpc_8': must be one of ec2_17, ec2_8"):
        canaries.issue("ec2", form="vpc_8")
    with pytest.raises(ValueError, match="worker=2: must be 0 to 1"):
        Canaries(1, worker=2, workers=2)
    with pytest.raises(ValueError, match="must be ASCII and 7 or longer"):
        canaries.register("short")
    with pytest.raises(ValueError, match="reason"):
        canaries.allow(canaries.issue("ec2"), "")


def test_a_registered_identifier_is_one_canary_however_often_it_is_registered() -> None:
    canaries = Canaries(1)
    assert canaries.register("i-1234567890abcdef0") is canaries.register("i-1234567890abcdef0")
