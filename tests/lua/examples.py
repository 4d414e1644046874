"""What each kind of identifier looks like, and what only looks similar."""

from __future__ import annotations

from fixtures.oracle.examples import Example, examples, near_misses

__all__ = ["EXAMPLES", "HEX_17", "NEAR_MISSES", "SECRET", "Example"]

HEX_17 = "0123456789abcdef0"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

EXAMPLES = [example for example in examples() if len(example.identifiers) == 1]
NEAR_MISSES = [*near_misses(), "AWS_EC2_01", "AWS_FOO_001"]
