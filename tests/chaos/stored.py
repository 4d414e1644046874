"""Headers of runs that nobody made."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from fixtures.chaos.engine import BOUNDS
from fixtures.chaos.header import KIND
from fixtures.chaos.routes import ROUTES
from fixtures.chaos.schedule import Schedule, ScheduledFault
from fixtures.clauses import contract
from fixtures.history import FORMAT_VERSION
from fixtures.workload.plan import DEFAULT_KINDS, WorkloadPlan

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def about_of(
    *, mutant: str | None = None, versions: dict[str, str] | None = None, **stack: Any
) -> dict[str, Any]:
    """What a header tells of a run of one fault on the local stack, unless `stack` says otherwise."""
    fault = ScheduledFault(number=0, fault="redis_stop", target="redis", at_s=1.0, lasts_s=2.0)
    plan = WorkloadPlan(
        seed=7,
        rate_per_s=120.0,
        kinds=DEFAULT_KINDS,
        routes={route.name: route.weight for route in ROUTES},
    )
    return {
        "kind": KIND,
        "suite": {"version": "0.1.0", "commit": COMMIT, "changed": False},
        "contract": contract().digest,
        "seed": 7,
        "versions": versions or {"stack": "local", "redis": "7.0.15"},
        "stack": {"kind": "local", "name": "made", "workers": 2, **stack},
        "configuration": {"routes": [route.described() for route in ROUTES]},
        "schedule": Schedule(seed=7, duration_s=12.0, at_once_max=1, calm_s=7.0, faults=(fault,)).model_dump(
            mode="json"
        ),
        "workload": plan.model_dump(mode="json"),
        "bounds": dict(BOUNDS),
        "options": {"minutes": 0.2, "faults": [], "mutant": mutant},
        "replay_of": None,
    }


def store(path: Path, about: dict[str, Any]) -> Path:
    """A file of that header alone, as of a run that was killed at once."""
    header = {"history": FORMAT_VERSION, "wall_s": 0.0, "monotonic_ns": 0, "about": about}
    line = json.dumps(header).encode() + b"\n"
    path.write_bytes(gzip.compress(line) if path.suffix == ".gz" else line)
    return path
