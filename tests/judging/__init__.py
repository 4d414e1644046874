"""Judging, reporting and soaking, tried on made histories."""
