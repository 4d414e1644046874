"""A strict reader of Prometheus' text format 0.0.4: what it does not know, it refuses.

Source of the format: prometheus.io/docs/instrumenting/exposition_formats. Only what the plugin may use is known:
counters and gauges, no timestamps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_HELP = re.compile(rf"# HELP ({_NAME}) (\S.*)")
_TYPE = re.compile(rf"# TYPE ({_NAME}) (counter|gauge)")
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? ([0-9]+(?:\.[0-9]+)?)")

Labels = tuple[tuple[str, str], ...]


class NotPrometheusError(ValueError):
    """The text breaks the format; names the line and what is wrong with it."""


@dataclass
class Metric:
    """One metric.

    Attributes:
        kind: `counter` or `gauge`.
        help: What it counts.
        samples: Values by labels, sorted by label name.
    """

    kind: str
    help: str
    samples: dict[Labels, float] = field(default_factory=dict)


def parse(text: str) -> dict[str, Metric]:
    """Reads a whole exposition.

    Raises:
        NotPrometheusError: A line is malformed; HELP or TYPE is missing, doubled or behind a sample; a metric's lines
            are not together; a sample is doubled; a counter's name lacks `_total`; the last line does not end.
    """
    if not text.endswith("\n"):
        raise NotPrometheusError("the last line does not end with a line feed")
    metrics: dict[str, Metric] = {}
    announced = ("", "")
    current = ""
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        if match := _HELP.fullmatch(line):
            if match[1] in metrics:
                raise NotPrometheusError(f"line {number}: {match[1]} has HELP twice")
            announced = (match[1], match[2])
        elif match := _TYPE.fullmatch(line):
            name, kind = match.groups()
            if announced[0] != name:
                raise NotPrometheusError(f"line {number}: TYPE of {name} without HELP before it")
            if name in metrics:
                raise NotPrometheusError(f"line {number}: {name} has TYPE twice")
            if (kind == "counter") != name.endswith("_total"):
                raise NotPrometheusError(f"line {number}: {name} is a {kind}")
            metrics[name], current = Metric(kind, announced[1]), name
        elif match := _SAMPLE.fullmatch(line):
            _take(metrics, current, match, number)
        else:
            raise NotPrometheusError(f"line {number} is neither HELP, TYPE nor a sample: {line!r}")
    return metrics


def _take(metrics: dict[str, Metric], current: str, match: re.Match[str], number: int) -> None:
    name, written, value = match.groups()
    if name != current:
        raise NotPrometheusError(f"line {number}: a sample of {name} does not stand below its TYPE")
    pairs = [pair.partition("=") for pair in re.findall(_LABEL, written or "")]
    labels = tuple(sorted((label, quoted[1:-1]) for label, _, quoted in pairs))
    if labels in metrics[name].samples:
        raise NotPrometheusError(f"line {number}: {name} has a second sample with the same labels")
    metrics[name].samples[labels] = float(value)
