"""Tests of the plugin's pure Lua modules, run inside nginx without a gateway."""
