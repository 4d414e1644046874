"""Every fault is seen to take effect and to be gone, or ends as invalid; nothing of it outlives the tests."""
