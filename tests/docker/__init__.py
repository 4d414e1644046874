"""The driver `docker` itself: life of containers, what is left behind, images."""
