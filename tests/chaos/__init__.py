"""The chaos engine itself: schedules, workloads, runs, replay and shrinking."""
