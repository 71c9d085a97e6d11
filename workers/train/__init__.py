"""The training loop: network, batches, optimizer, schedule, one epoch after the other."""
