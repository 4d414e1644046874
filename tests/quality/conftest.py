"""Fixture: one nginx with the plugin's modules per session."""

from tests.lua.conftest import lua

__all__ = ["lua"]
