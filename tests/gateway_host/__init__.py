"""The embedded gateway host answers, streams, stops and refuses as Kong 3.9.1 does."""
