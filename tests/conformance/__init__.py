"""The conformance kit on the system under test, and on a proxy that is known to fail."""
