"""The examples that AWS publishes with its SDK: whatever a parameter names there is masked."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.masking.test_real_input import service_examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.report.recorder import Evidence
    from tests.lua.modules import LuaModules

# Parameters whose values the catalogue claims, and how AWS lets these be written.
_NAME = "[A-Za-z0-9][A-Za-z0-9_.-]+"
CLAIMED = {
    "Bucket": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "DBInstanceIdentifier": "[A-Za-z][A-Za-z0-9-]*",
    "DBClusterIdentifier": "[A-Za-z][A-Za-z0-9-]*",
    "TableName": _NAME,
    "FunctionName": "[A-Za-z0-9][A-Za-z0-9_-]+",
    "StackName": "[A-Za-z][A-Za-z0-9-]+",
    "QueueName": "[A-Za-z0-9][A-Za-z0-9_-]+",
    "clusterName": "[A-Za-z0-9][A-Za-z0-9_-]+",
    "repositoryName": "[a-z0-9][a-z0-9._/-]*[a-z0-9]",
    "LoadBalancerName": "[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]",
    "CacheClusterId": "[A-Za-z][A-Za-z0-9-]+",
    "SecretId": "[A-Za-z0-9/_+=.@-]*[A-Za-z0-9]",
    "HostedZoneId": "Z[A-Z0-9]{7,31}",
    "KeyId": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|alias/.+",
    "InstanceId": "i-(?:[0-9a-f]{17}|[0-9a-f]{8})",
    "VpcId": "vpc-(?:[0-9a-f]{17}|[0-9a-f]{8})",
    "SubnetId": "subnet-(?:[0-9a-f]{17}|[0-9a-f]{8})",
    "VolumeId": "vol-(?:[0-9a-f]{17}|[0-9a-f]{8})",
    "SpotFleetRequestId": "sfr-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?:[0-9a-f]{12}|[0-9a-f]{5}EXAMPLE)",
    "ScheduledInstanceId": "sci(?:-[0-9]{4}){4}-[0-9]{12}",
    "OwnerId": "[0-9]{12}",
    "AccountId": "[0-9]{12}",
}


def _members(sent: Any, received: Any) -> Iterator[tuple[str, str, str]]:
    """Each member that is a string, before and after masking. A key is left as it is."""
    if isinstance(sent, dict):
        for (key, before), after in zip(sent.items(), received.values(), strict=True):
            if isinstance(before, str):
                yield key, before, after
            else:
                yield from _members(before, after)
    elif isinstance(sent, list):
        for before, after in zip(sent, received, strict=True):
            yield from _members(before, after)


@pytest.mark.thorough
@pytest.mark.clause("M1", "M10")
def test_what_parameters_name_in_published_examples_is_masked(lua: LuaModules, evidence: Evidence) -> None:
    claimed: Counter[str] = Counter()
    missed = []
    for text in service_examples():
        masked = lua.mask(text.encode())
        assert masked.body is not None
        for key, before, after in _members(json.loads(text), json.loads(masked.body)):
            if key in CLAIMED and re.fullmatch(CLAIMED[key], before):
                claimed[key] += 1
                if not re.fullmatch("AWS_[A-Z0-9_]+_[0-9]{3,}", after):
                    missed.append((key, before, after))
    assert missed == []
    evidence.figure("published values of claimed parameters", claimed.total(), at_least=600)
    evidence.table("Published values", ("parameter", "values"), claimed.most_common())
