"""What runs where training happens: evaluators, data, the training loop, checkpoints, slots."""
