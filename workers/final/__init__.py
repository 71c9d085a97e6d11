"""What a test takes: what networks and baselines answer on images that training never saw."""
