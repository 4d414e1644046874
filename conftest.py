"""Wiring: which plugins of the suite pytest loads. What they do stands in `fixtures/pytest_plugin/`."""

pytest_plugins = [
    "fixtures.pytest_plugin.clauses",
    "fixtures.pytest_plugin.distribution",
    "fixtures.pytest_plugin.report",
    "fixtures.pytest_plugin.stack",
    "fixtures.pytest_plugin.lab",
    # Last, so that it is outermost: what the others' own steps meet, it sees.
    "fixtures.pytest_plugin.engine",
]
