"""Tests of the event side's pure Lua modules, run inside nginx without a gateway."""
